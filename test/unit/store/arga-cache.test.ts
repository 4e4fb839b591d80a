import { afterAll, beforeAll, expect, test } from "vitest";
import { createArgaCache } from "../../../src/store/arga-cache.ts";
import { type ArgaBench, startArgaBench } from "../support/arga-bench.ts";

/** What is kept of Arga's lists: no more than lists of ours show. */

let bench: ArgaBench;
beforeAll(async () => {
  bench = await startArgaBench({ plan: "free", monthlyRuns: 3 });
});
afterAll(() => bench.stop());

const cache = () => createArgaCache(bench.deps.arga, bench.redis, bench.prefix);

test("a saved test has its name, or its id where it has none, and a part of its prompt", async () => {
  const { savedTests } = bench.arga;
  const [first, second] = savedTests.values();
  if (!first || !second) throw new Error("the local Arga has too few saved tests");
  Object.assign(first, {
    name: "",
    prompt: "p".repeat(400),
    repoFullName: "acme/shop",
    startUrl: "https://a.example",
  });
  Object.assign(second, { name: "Login", prompt: null, repoFullName: null, startUrl: null });
  const entries = await cache().tests.get();
  expect(entries.find(({ id }) => id === first.id)).toEqual({
    id: first.id,
    name: first.id,
    repo: "acme/shop",
    url: "https://a.example",
    prompt: "p".repeat(300),
  });
  expect(entries.find(({ id }) => id === second.id)).toEqual({ id: second.id, name: "Login" });
});

test("a scenario has its twins, a part of its description, and whether it's one of Arga's own", async () => {
  const all = [...bench.arga.scenarios.values()];
  const preset = all.find(({ isPreset }) => isPreset);
  if (!preset) throw new Error("the local Arga has no preset");
  const own = {
    ...preset,
    id: "own",
    isPreset: false,
    name: "",
    description: "d".repeat(400),
    twins: ["slack"],
  };
  bench.arga.scenarios.set("own", own);
  Object.assign(preset, { description: null });
  const entries = await cache().scenarios.get();
  expect(entries.find(({ id }) => id === "own")).toEqual({
    id: "own",
    name: "own",
    description: "d".repeat(300),
    twins: ["slack"],
    isPreset: false,
  });
  expect(entries.find(({ id }) => id === preset.id)).toEqual({
    id: preset.id,
    name: preset.name,
    twins: preset.twins,
    isPreset: true,
  });
});

test("a plan has its name and its limits, and nothing of whose it is", async () => {
  expect(await cache().plan.get()).toEqual({
    name: "free",
    maxTwins: expect.any(Number),
    maxTtlMinutes: 10,
    runsLeft: 3,
    runsLimit: 3,
  });
});
