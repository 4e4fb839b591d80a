import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { expect } from "vitest";
import { isTaken, payloadOf } from "./life.ts";
import type { World } from "./world.ts";

/** A person who fills in forms. */

/** The modal that alice has before her. */
export const viewOf = (world: World) => world.slack.views("alice").at(-1);

/** The form that a shortcut or a command opened. */
export const formOf = (world: World, callback: string) =>
  world.slack.until(() => world.slack.views("alice").find(({ callback_id }) => callback_id === callback));

/** Opens a form by its global shortcut; returns its view's id. */
export async function shortcut(world: World, callback: "arga_twins" | "arga_test"): Promise<string> {
  expect(isTaken(await world.slack.globalShortcut("alice", callback))).toBe(true);
  return (await formOf(world, callback)).id;
}

/** One input's block of the form that is open. */
export const inputOf = (world: World, field: string): Record<string, unknown> =>
  (viewOf(world)?.blocks.find(({ block_id }) => block_id === field) ?? {}) as Record<string, unknown>;

/** All that is filled in. */
export const valuesOf = (world: World): string => JSON.stringify(viewOf(world)?.state.values);

/** The values that a searchable field offers for what is typed. */
export const offered = async (
  world: World,
  view: string,
  field: string,
  typed: string,
): Promise<unknown[]> => {
  const answer = await world.slack.suggest("alice", view, `form.${field}`, typed);
  expect(isTaken(answer)).toBe(true);
  return answer.options.map(({ value }) => value);
};

/** A list that is new to the bot may come a moment late; the very same question is not taken twice in a second. */
export const soonOffered = (...typing: Parameters<typeof offered>) =>
  expect.poll(() => offered(...typing), { interval: 1_100 });

/** The requests to one route that Arga carried out. */
export const applied = (world: World, route: string) =>
  world.arga.requests.filter((request) => request.route === route && request.applied);

/** As on the first day: nothing of Arga's was seen yet. */
export async function forgetArga({ redis, bot, slack }: World): Promise<void> {
  // It looks at Arga once at its start; what it sees then must not come after.
  await slack.until(() => bot.output().includes("Arga answers"));
  const client = new Redis(redis.path);
  await client.del(...(await client.keys("*:known:*")));
  client.disconnect();
  // What it read it holds for a second.
  await sleep(1_200);
}

/** Neither at Arga nor in #dev. */
export const isNothingCreated = ({ arga, slack }: World): boolean =>
  arga.runs.size === 0 && arga.testRuns.size === 0 && slack.messages("dev").every((m) => !payloadOf(m));
