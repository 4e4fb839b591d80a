import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Followers } from "../../../src/jobs/arga/followers.ts";
import { observeForFollower } from "../../../src/jobs/arga/observe.ts";
import type { Run } from "../../../src/runs/run.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { PATIENCE_MS } from "../../support/waiting.ts";
import { type ArgaBench, startArgaBench } from "../support/arga-bench.ts";
import { newRun, runIn } from "../support/runs.ts";

/** Who follows a run's stream, for how long, and what becomes of it when they don't any more. */

const SECOND = 1_000;
const STREAM = "GET /validate/{run_id}/results";
const URL_SPEC = { url: "https://shop.example.com", prompt: "pay", twins: [] };

let bench: ArgaBench;
beforeAll(async () => {
  bench = await startArgaBench();
  await vi.waitUntil(() => bench.redis.ping().catch(() => undefined), { timeout: PATIENCE_MS });
});
afterAll(() => bench.stop());

let one: Followers;
let other: Followers;
beforeEach(() => {
  // Leases are renewed when the test says so; Redis and all connections keep their own time.
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"], now: Date.now() });
  [one, other] = [followers(), followers()];
});
afterEach(async () => {
  bench.arga.clearFaults();
  await Promise.all([one.stop(), other.stop()]);
  vi.useRealTimers();
});

function followers(): Followers {
  const { redis, prefix, deps } = bench;
  return new Followers({ ...deps, redis, prefix, look: observeForFollower(deps) });
}

/** A page's validation that goes on at Arga, and its record. */
async function running(): Promise<Run> {
  const { runId: id } = bench.arga.control.validations.start({ runType: "url_run", ...URL_SPEC });
  const run = runIn("running", {
    id: RunStore.newId(),
    kind: "url",
    spec: URL_SPEC,
    arga: { id, status: "running", links: [] },
  });
  await bench.deps.store.create(run, { name: run.id });
  return run;
}

const patiently = (isSo: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(isSo, { timeout: PATIENCE_MS });
const leaseOf = ({ team, id }: Run): string => `${bench.prefix}:follows:${team}:${id}`;
const isQueued = async (run: Run): Promise<boolean> =>
  (await bench.deps.queues.withoutJob("arga", [run])).length === 0;
const asked = (): number => bench.arga.requests.filter(({ route }) => route === STREAM).length;

test("one process follows a run, for twelve seconds at a time; the other one knows", async () => {
  const run = await running();
  expect(await other.followedFor(run)).toBeUndefined();
  expect(await one.follow(run)).toBe(12 * SECOND);
  expect(await one.follow(run)).toBe(12 * SECOND);
  expect(await other.follow(run)).toBe(12 * SECOND);
  expect([one.size, other.size]).toEqual([1, 0]);
  expect(await one.followedFor(run)).toBe(12 * SECOND);
  const left = (await other.followedFor(run)) ?? 0;
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(12 * SECOND);
  await patiently(() => expect(asked()).toBe(1));
});

test("whoever follows renews the lease every three seconds", async () => {
  const run = await running();
  await one.follow(run);
  await bench.redis.pexpire(leaseOf(run), 60_000 * 60);
  vi.advanceTimersByTime(2_999);
  await bench.redis.ping();
  expect(await bench.redis.pttl(leaseOf(run))).toBeGreaterThan(12 * SECOND);
  vi.advanceTimersByTime(1);
  await patiently(async () => expect(await bench.redis.pttl(leaseOf(run))).toBeLessThanOrEqual(12 * SECOND));
  expect(one.size).toBe(1);
});

test("who lost the lease to another one stops, and leaves it to them", async () => {
  const run = await running();
  await one.follow(run);
  await bench.redis.set(leaseOf(run), "another process", "PX", 60_000);
  vi.advanceTimersByTime(3 * SECOND);
  await patiently(() => expect(one.size).toBe(0));
  await patiently(async () => expect(await isQueued(run)).toBe(true));
  expect(await bench.redis.get(leaseOf(run))).toBe("another process");
});

test("a stream that ends gives the lease back, and has the run looked at", async () => {
  const run = await running();
  await one.follow(run);
  bench.arga.control.validations.finish(run.arga?.id ?? "");
  await patiently(() => expect(one.size).toBe(0));
  await patiently(async () => expect(await isQueued(run)).toBe(true));
  expect(await bench.redis.exists(leaseOf(run))).toBe(0);
});

test("a stream that doesn't work is tried again after a minute, and not before", async () => {
  const run = await running();
  bench.arga.fault({ route: STREAM, status: 404 });
  await one.follow(run);
  await patiently(async () => expect(await isQueued(run)).toBe(true));
  expect(await bench.redis.exists(leaseOf(run))).toBe(0);
  const failedAt = Date.now();
  vi.setSystemTime(failedAt + 59 * SECOND);
  expect(await one.follow(run)).toBeUndefined();
  bench.arga.clearFaults();
  vi.setSystemTime(failedAt + 61 * SECOND);
  expect(await one.follow(run)).toBe(12 * SECOND);
});

test("a process that ends gives its runs back, with nothing wrong about their streams, and takes no more", async () => {
  const run = await running();
  await one.follow(run);
  await one.stop();
  expect(one.size).toBe(0);
  expect(await bench.redis.exists(leaseOf(run))).toBe(0);
  expect(await isQueued(run)).toBe(true);
  expect(await one.follow(run)).toBeUndefined();
  expect(await bench.redis.exists(leaseOf(run))).toBe(0);
  expect(await other.follow(run)).toBe(12 * SECOND);
});

test.each([
  ["that Arga doesn't have yet", newRun({ id: "none", kind: "url", spec: URL_SPEC })],
  ["of a kind without a stream", runIn("ready", { id: "twin" })],
])("a run %s isn't followed", async (_, run) => {
  expect(await one.follow(run)).toBeUndefined();
  expect(await bench.redis.exists(leaseOf(run))).toBe(0);
});
