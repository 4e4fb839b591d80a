import { expect, test } from "vitest";
import { cardShows, keysOf, threadOf, threadSays } from "../support/life.ts";
import { calls, failingTest, fetched, isForgotten, pictured, shared, WITHOUT } from "../support/pictures.ts";
import { freshWorld } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

/** The picture of a failed step in the run's thread, and what becomes of it where it can't be there. */

for (const form of ["list", "fields", "steps"] as const)
  concurrent(
    `the failed step's picture is in the thread, after the end (${form})`,
    async ({ onTestFinished }) => {
      const world = await pictured(onTestFinished, { arga: { dialect: { artifacts: form } } });
      await failingTest(world);
      const { text, files } = await shared(world);
      const [run] = world.arga.testRuns.values();
      const name = `step-${run?.stepsDone}.png`;
      expect(files).toEqual([expect.objectContaining({ title: name, mimetype: "image/png" })]);
      expect(text).toContain("What it saw");
      expect(text).not.toMatch(/<@|artifacts/);
      const messages = threadOf(world);
      expect(messages.at(-1)?.files).toBeDefined();
      expect(messages.at(-2)?.text).toContain(": failed");
      // The other steps' pictures aren't asked for.
      expect(fetched(world).map(({ path }) => path)).toEqual([`/test-runs/${run?.id}/artifacts/${name}`]);
      await isForgotten(world);
    },
  );

concurrent("a validation's failed step has its picture too", async ({ onTestFinished }) => {
  const world = await pictured(onTestFinished);
  await world.slack.command(
    "alice",
    "dev",
    "/arga",
    "validate https://shop.example.com open the cart, fail to pay",
  );
  const { files } = await shared(world);
  expect(files).toEqual([expect.objectContaining({ title: "step-2.png" })]);
  expect(fetched(world)).toHaveLength(1);
});

concurrent("a test that passed shows nothing", async ({ onTestFinished }) => {
  const world = await pictured(onTestFinished);
  await world.slack.command("alice", "dev", "/arga", 'test https://shop.example.com "open the cart"');
  await threadSays(world, ": passed");
  await cardShows(world, ": passed");
  expect(fetched(world)).toEqual([]);
});

concurrent("without files:write the thread has a link, once", async ({ onTestFinished }) => {
  const world = await pictured(onTestFinished, { scopes: WITHOUT });
  await failingTest(world);
  const linked = await threadSays(world, "What it saw");
  const [run] = world.arga.testRuns.values();
  expect(linked.text).toContain(
    `<${world.arga.url}/test-runs/${run?.id}/artifacts/step-${run?.stepsDone}.png|`,
  );
  // Where the end comes before they were told, the steps stand in its message.
  expect(keysOf(world).filter((key) => key !== "steps")).toEqual(["ended", "proof"]);
  expect(calls(world, "files.getUploadURLExternal")).toHaveLength(1);
});

concurrent("what isn't on Arga's own host is linked and never asked for", async ({ onTestFinished }) => {
  const stranger = await freshWorld(onTestFinished);
  const artifactsBase = stranger.arga.url;
  const world = await pictured(onTestFinished, { arga: { dialect: { artifacts: "list" }, artifactsBase } });
  await failingTest(world);
  const linked = await threadSays(world, "What it saw");
  expect(linked.text).toContain(`<${artifactsBase}/test-runs/`);
  expect([...fetched(world), ...fetched(stranger)]).toEqual([]);
  expect(calls(world, "files.getUploadURLExternal")).toEqual([]);
});

concurrent("a picture of more than ten megabytes is linked", async ({ onTestFinished }) => {
  const artifactBytes = 10 * 1024 * 1024 + 1;
  const world = await pictured(onTestFinished, { arga: { dialect: { artifacts: "list" }, artifactBytes } });
  await failingTest(world);
  await threadSays(world, "What it saw");
  expect(fetched(world)).toHaveLength(1);
  expect(calls(world, "files.getUploadURLExternal")).toEqual([]);
});
