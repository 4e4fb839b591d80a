import type { ArgaOptions } from "../../sim/arga/server.ts";
import { threadOf } from "./life.ts";
import { eventually } from "./waiting.ts";
import { freshWorld, type World } from "./world.ts";

/** Tests that fail, and the picture of the step that they failed at. */

export const WITHOUT = [
  ...["app_mentions:read", "channels:history", "channels:read", "chat:write", "commands", "groups:history"],
  ...["im:history", "links:read", "links:write", "mpim:history", "users:read"],
];
export const WITH = [...WITHOUT, "files:write"];

interface Pictured {
  scopes?: string[];
  arga?: ArgaOptions;
}

type Finished = Parameters<typeof freshWorld>[0];

export const pictured = (
  onTestFinished: Finished,
  { scopes = WITH, arga = { dialect: { artifacts: "list" } } }: Pictured = {},
): Promise<World> => freshWorld(onTestFinished, { slack: { scopes }, arga });

export const failingTest = (world: World) =>
  world.slack.command("alice", "dev", "/arga", 'test https://shop.example.com "open the cart, fail to pay"');

export const withFiles = (world: World) => threadOf(world).filter(({ files }) => files !== undefined);
export const shared = (world: World) => world.slack.until(() => withFiles(world)[0]);
export const calls = (world: World, method: string) =>
  world.slack.log.filter((entry) => entry.kind === "api" && entry.method === method);
/** Requests for pictures that reached Arga. */
export const fetched = ({ arga }: World) => arga.requests.filter(({ path }) => path.includes("/artifacts/"));

/** The record has nothing of it any more. */
export const isForgotten = ({ redis }: World) =>
  eventually(async () => !/proof\\*":/.test(await redis.dump()));
