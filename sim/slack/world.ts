import { Courier } from "./deliveries/courier.ts";
import { Sockets } from "./deliveries/socket.ts";
import { Directory } from "./directory.ts";
import { Faults } from "./faults.ts";
import { Files } from "./files.ts";
import { Ids } from "./ids.ts";
import { Log } from "./log.ts";
import { Messages } from "./messages.ts";
import { Modals } from "./modals.ts";
import { RateLimits } from "./rate-limits.ts";
import { ResponseUrls } from "./response-urls.ts";
import type { Settings } from "./settings.ts";
import { Triggers } from "./triggers.ts";
import type { Json, Shared } from "./types.ts";

/** All parts of one workspace, for those who act in it. */
export interface World {
  readonly settings: Settings;
  readonly ids: Ids;
  readonly log: Log;
  readonly directory: Directory;
  readonly messages: Messages;
  readonly files: Files;
  readonly modals: Modals;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
  readonly faults: Faults;
  readonly limits: RateLimits;
  readonly sockets: Sockets;
  readonly courier: Courier;
  /** What was chosen in the elements of messages, by person and element. */
  readonly choices: Map<string, Json>;
  /** Links that the app was told of, by `unfurl_id`. */
  readonly shared: Map<string, Shared>;
  /** Events that could not be delivered and wait for their retry. */
  readonly retries: Set<NodeJS.Timeout>;
  /** The base URL, known once the server listens. */
  url: string;
}

export function createWorld(settings: Settings): World {
  const ids = new Ids(settings.now);
  const log = new Log();
  const sockets = new Sockets(ids, settings, log);
  const world: World = {
    settings,
    ids,
    log,
    sockets,
    directory: new Directory(settings, ids),
    messages: new Messages(ids),
    files: new Files(ids),
    modals: new Modals(ids, settings),
    triggers: new Triggers(ids, settings.now, settings.timing.triggerMs),
    responseUrls: new ResponseUrls(ids, settings, () => world.url),
    faults: new Faults(),
    limits: new RateLimits(settings.now, settings.rateLimits),
    courier: new Courier(settings, log, sockets),
    choices: new Map(),
    shared: new Map(),
    retries: new Set(),
    url: "",
  };
  return world;
}

/** Settles after `ms` as long as the workspace lives. */
export function later(world: World, ms: number, act: () => void): void {
  const timer = setTimeout(() => {
    world.retries.delete(timer);
    act();
  }, ms);
  world.retries.add(timer);
}
