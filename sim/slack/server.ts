import { controlOf } from "./control.ts";
import { createHttp } from "./http.ts";
import { settle } from "./settings.ts";
import { type Slack, slackOf } from "./slack.ts";
import type { SlackOptions } from "./types.ts";
import { createWorld } from "./world.ts";

export type { Slack } from "./slack.ts";
export type {
  Block,
  Choice,
  Delivery,
  EphemeralMessage,
  FaultRule,
  LogEntry,
  RawAnswer,
  RawRequest,
  SlackMessage,
  SlackOptions,
  View,
} from "./types.ts";

/** Starts a workspace on 127.0.0.1. @throws when the port is taken */
export async function startSlack(options: SlackOptions = {}): Promise<Slack> {
  const world = createWorld(settle(options));
  const http = createHttp(world, [(request) => controlOf(slack, request)]);
  world.url = await http.listen(world.settings.port);
  const slack = slackOf(world, () => {
    for (const timer of world.retries) clearTimeout(timer);
    world.sockets.close();
    return http.close();
  });
  return slack;
}
