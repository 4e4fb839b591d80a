import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Interaction } from "../../../src/handlers/shared/context.ts";
import { answerOnce, replyToUser } from "../../../src/handlers/shared/tell.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { textContent } from "../../../src/views/replies.ts";
import { type Bench, type ContextBench, startBench, startContext } from "../support/notices.ts";

/** What one person alone is told, where they asked. */

let bench: Bench;
let atContext: ContextBench;
beforeAll(async () => {
  bench = await startBench();
  atContext = await startContext(bench);
});
afterAll(async () => {
  await atContext.end();
  await bench.stop();
});

const from = (key: string): Interaction => {
  const { id } = bench.slack.user("alice");
  const channel = bench.slack.channel("dev").id;
  return {
    team: bench.slack.teamId,
    actor: { id, name: "alice", channel },
    reply: { user: id, channel, at: Date.now() },
    key,
    trigger: "t",
    hidden: false,
  };
};
const told = (): string[] => bench.slack.ephemerals("alice", "dev").map(({ text }) => text);

test("is there as often as it's said", async () => {
  for (let n = 0; n < 2; n++) await replyToUser(atContext.context, from("a"), textContent("hello"));
  expect(told()).toEqual(["hello", "hello"]);
});

test("is there once for one delivery, and for another one again", async () => {
  const before = told().length;
  for (const key of ["b", "b", "c"]) await answerOnce(atContext.context, from(key), textContent(key));
  expect(told().slice(before)).toEqual(["b", "c"]);
});

test("is there though nothing can be noted", async () => {
  const before = told().length;
  const gone = new Redis({ port: 1, lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  gone.on("error", () => {});
  const store = new RunStore(gone, "test", () => {});
  await answerOnce({ ...atContext.context, store }, from("d"), textContent("Redis is away"));
  expect(told().slice(before)).toEqual(["Redis is away"]);
});
