import { expect, test } from "vitest";
import { threadOf } from "../support/life.ts";
import { calls, failingTest, isForgotten, pictured, shared, withFiles } from "../support/pictures.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

/** A process that dies while it shares a failed step's picture. */

for (const [effect, action] of [
  ["before", "reset"],
  ["after", "lose"],
] as const)
  concurrent(
    `a process killed ${effect} the picture is shared is followed by one that has it there once`,
    async ({ onTestFinished }) => {
      const world = await pictured(onTestFinished);
      const { slack } = world;
      let release = (): void => {};
      const hold = new Promise<void>((resolve) => {
        release = resolve;
      });
      slack.fault({ method: "files.completeUploadExternal", hold, action, times: 1 });
      await failingTest(world);
      await slack.until(() =>
        slack.log.find(({ kind, method }) => kind === "held" && /complete/.test(method)),
      );
      await world.bot.kill();
      release();
      await world.restart();
      await shared(world);
      await isForgotten(world);
      const ends = threadOf(world).filter(({ text }) => text.includes(": failed"));
      expect([withFiles(world).length, ends.length]).toEqual([1, 1]);
      expect(calls(world, "files.completeUploadExternal").filter(({ applied }) => applied)).toHaveLength(1);
    },
  );

concurrent(
  "a process killed between upload and sharing goes on with what Slack has",
  async ({ onTestFinished }) => {
    const world = await pictured(onTestFinished);
    const { slack } = world;
    let release = (): void => {};
    const hold = new Promise<void>((resolve) => {
      release = resolve;
    });
    slack.fault({ method: "upload", hold, action: "lose", times: 1 });
    await failingTest(world);
    await slack.until(() => slack.log.find(({ kind, method }) => kind === "held" && method === "upload"));
    await world.bot.kill();
    release();
    await world.restart();
    const { files } = await shared(world);
    expect(files).toHaveLength(1);
    expect(withFiles(world)).toHaveLength(1);
  },
);
