import { controlOf } from "./control.ts";
import { createHttp, type Extension } from "./http.ts";
import { type AppSurface, renderPage } from "./page/page.ts";
import { settle } from "./settings.ts";
import { type Slack, slackOf } from "./slack.ts";
import type { SlackOptions } from "./types.ts";
import { createWorld } from "./world.ts";

export type { Slack } from "./slack.ts";
export type {
  Delivery,
  EphemeralMessage,
  FaultRule,
  SlackMessage,
  SlackOptions,
  View,
} from "./types.ts";

/** What the page suggests when the app is not described. */
const ARGA: AppSurface = {
  commands: [{ command: "/arga", usage_hint: "twins stripe 60", description: "Digital twins from Slack" }],
};

/** `GET /`: the workspace as a page. */
const pageOf =
  (app: AppSurface): Extension =>
  async ({ verb, url }) =>
    verb === "GET" && url.pathname === "/"
      ? { kind: "answer", status: 200, type: "text/html; charset=utf-8", body: renderPage(app) }
      : undefined;

/** Starts a workspace on 127.0.0.1. @throws when the port is taken */
export async function startSlack(options: SlackOptions = {}): Promise<Slack> {
  const world = createWorld(settle(options));
  const http = createHttp(world, [(request) => controlOf(slack, request), pageOf(options.app ?? ARGA)]);
  world.url = await http.listen(world.settings.port);
  const slack = slackOf(world, () => {
    for (const timer of world.retries) clearTimeout(timer);
    world.sockets.close();
    return http.close();
  });
  return slack;
}
