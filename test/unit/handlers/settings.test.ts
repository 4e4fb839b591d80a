import { afterAll, beforeAll, expect, test } from "vitest";
import { limitsFor } from "../../../src/handlers/operations/settings.ts";
import type { HandlerContext } from "../../../src/handlers/shared/context.ts";
import { createArgaCache } from "../../../src/store/arga-cache.ts";
import { type ArgaBench, startArgaBench } from "../support/arga-bench.ts";

/** What one person may ask for, of an Arga that nothing is known of yet. */

let bench: ArgaBench;
beforeAll(async () => {
  bench = await startArgaBench({ plan: "free" });
});
afterAll(() => bench.stop());

/** As far as limits use it. */
const contextOf = (prefix: string): HandlerContext => {
  const argaCache = createArgaCache(bench.deps.arga, bench.redis, prefix);
  return { argaCache, config: { maxTtlMinutes: 480 } } as unknown as HandlerContext;
};

test("its plan is asked for before a default is chosen, and one's own default is kept", async () => {
  const limits = await limitsFor(contextOf("a"), { presets: [], ttlMinutes: 30 });
  expect(limits).toEqual({ maxTtlMinutes: 480, planTtlMinutes: 10, defaultTtlMinutes: 30 });
  const before = bench.arga.requests.length;
  expect(await limitsFor(contextOf("a"), { presets: [] })).toEqual({
    maxTtlMinutes: 480,
    planTtlMinutes: 10,
  });
  expect(bench.requestsSince(before)).toEqual([]);
});

test("nobody waits for one that doesn't answer", async () => {
  bench.arga.fault({ route: "GET /auth/me", action: "hang" });
  const limits = await limitsFor(contextOf("b"), { presets: [] });
  expect(limits).toEqual({ maxTtlMinutes: 480, planTtlMinutes: undefined });
});
