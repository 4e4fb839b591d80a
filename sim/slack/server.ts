import { controlOf } from "./control.ts";
import { createHttp, type Extension, json } from "./http.ts";
import { renderBeside, renderNobody } from "./page/others.ts";
import { renderPage } from "./page/page.ts";
import { settle } from "./settings.ts";
import { type Slack, slackOf } from "./slack.ts";
import { tellChanges, tellTraffic } from "./stream.ts";
import type { SlackOptions } from "./types.ts";
import { createWorld, type World } from "./world.ts";

export type { Slack } from "./slack.ts";
export type {
  Delivery,
  EphemeralMessage,
  FaultRule,
  SlackMessage,
  SlackOptions,
  View,
} from "./types.ts";

const PAGE = { kind: "answer", type: "text/html; charset=utf-8" } as const;

/** `GET /`: the workspace as a page. */
const pageOf =
  ({ directory, settings }: World): Extension =>
  async ({ verb, url }) => {
    if (verb !== "GET") return undefined;
    if (url.pathname === "/beside") return { ...PAGE, status: 200, body: renderBeside(url.searchParams) };
    if (url.pathname !== "/") return undefined;
    const name = url.searchParams.get("user");
    const people = directory.users().filter(({ isBot }) => !isBot);
    if (name !== null && !people.some((one) => one.id === name || one.name === name)) {
      const names = people.map((one) => one.name);
      return { ...PAGE, status: 404, body: renderNobody(name, names) };
    }
    const setting = { hasBench: settings.bench.switches.length > 0, firstUser: people[0]?.id ?? "" };
    return { ...PAGE, status: 200, body: renderPage(settings.surface, setting) };
  };

/** `GET /_sim/stream?user=alice`: what this person sees, as it changes; `GET /_sim/traffic`: what happens. */
const streamsOf =
  (world: World): Extension =>
  async ({ verb, url: { pathname, searchParams } }) => {
    if (verb !== "GET") return undefined;
    if (pathname === "/_sim/traffic") return { kind: "stream", feed: (tell) => tellTraffic(world, tell) };
    if (pathname !== "/_sim/stream") return undefined;
    const name = searchParams.get("user") ?? "";
    const user = world.directory.users().find((one) => one.id === name || one.name === name);
    if (user === undefined) return json(404, { error: `no user ${name}` });
    return { kind: "stream", feed: (tell) => tellChanges(world, user, tell) };
  };

/** Starts a workspace on 127.0.0.1. @throws when the port is taken */
export async function startSlack(options: SlackOptions = {}): Promise<Slack> {
  const world = createWorld(settle(options));
  const http = createHttp(world, [streamsOf(world), (request) => controlOf(slack, request), pageOf(world)]);
  world.url = await http.listen(world.settings.port);
  const slack = slackOf(world, () => {
    for (const timer of world.retries) clearTimeout(timer);
    world.sockets.close();
    return http.close();
  });
  return slack;
}
