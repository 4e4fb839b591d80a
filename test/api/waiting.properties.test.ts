import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { realClock } from "../../src/api/clock.ts";
import {
  ArgaAborted,
  ArgaFailed,
  ArgaGone,
  ArgaNotFound,
  ArgaPlanLimit,
  ArgaRateLimited,
  ArgaStillRunning,
  ArgaTimeout,
  ArgaUnauthorized,
  ArgaUnreachable,
} from "../../src/api/errors.ts";
import { Durations, type Pace } from "../../src/api/pacing.ts";
import { waitFor } from "../../src/api/waiting.ts";
import { VirtualClock } from "./support/clock.ts";

const details = { route: "GET /x", sent: "refused" as const };
const passing = [
  () => new ArgaRateLimited("slow down", { ...details, status: 429, retryAfterMs: 3_000 }),
  () => new ArgaPlanLimit("plan", { ...details, status: 429 }),
  () => new ArgaFailed("oops", { ...details, status: 503 }),
  () => new ArgaFailed("oops", { ...details, status: 500 }),
  () => new ArgaUnreachable("gone", { ...details, sent: "maybe" }),
  () => new ArgaTimeout("late", { ...details, sent: "maybe" }),
];

interface World {
  /** When the run is over. */
  endsAt: number;
  /** How long each look takes, in turn. */
  latencies: number[];
  /** Which looks fail, in turn, and how. */
  failures: (number | undefined)[];
}

const world: fc.Arbitrary<World> = fc.record({
  endsAt: fc.integer({ min: 0, max: 400_000 }),
  latencies: fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 5 }),
  failures: fc.array(fc.option(fc.nat(passing.length - 1), { nil: undefined }), {
    minLength: 1,
    maxLength: 8,
  }),
});

/** What a wait in that world does. */
async function waitIn({ endsAt, latencies, failures }: World, timeoutMs: number, pace?: Pace) {
  const clock = new VirtualClock();
  const looks: { at: number; done: boolean }[] = [];
  const look = async (signal: AbortSignal) => {
    const n = looks.length;
    const entry = { at: clock.now(), done: false };
    looks.push(entry);
    await clock.sleep(latencies[n % latencies.length] ?? 0, signal);
    if (signal.aborted) throw new ArgaAborted("cut", details);
    const failing = failures[n % failures.length];
    if (failing !== undefined) throw passing[failing]?.();
    entry.done = clock.now() >= endsAt;
    return { status: entry.done ? "completed" : "running" };
  };
  const options = { timeoutMs, clock, isDone: (status: string) => status === "completed" };
  const outcome = await waitFor(look, { ...options, ...(pace ? { pace, ageMs: 0 } : {}) }).catch(
    (error: unknown) => error,
  );
  return { outcome, looks, now: clock.now(), sleepers: clock.sleepers };
}

describe("a wait, whatever Arga does", () => {
  const timeout = fc.integer({ min: 1_000, max: 300_000 });

  test("never takes more than its time, and leaves no timer behind", async () => {
    await fc.assert(
      fc.asyncProperty(world, timeout, async (each, timeoutMs) => {
        const { now, looks, sleepers } = await waitIn(each, timeoutMs);
        expect(now).toBeLessThanOrEqual(timeoutMs);
        expect(looks.every(({ at }) => at < timeoutMs)).toBe(true);
        expect(sleepers).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test("ends in the run's end or in its own time, and in nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(world, timeout, async (each, timeoutMs) => {
        const { outcome, looks, now } = await waitIn(each, timeoutMs);
        if (looks.some(({ done }) => done)) expect(outcome).toEqual({ status: "completed" });
        else {
          expect(outcome).toBeInstanceOf(ArgaStillRunning);
          // All of its time, but for what the last look needs to be of use.
          expect(now).toBeGreaterThanOrEqual(timeoutMs - 1_000);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("finds a run that ended well before its time, if looks get through", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 100_000 }), async (endsAt) => {
        const { outcome } = await waitIn({ endsAt, latencies: [100], failures: [undefined] }, 120_000);
        expect(outcome).toEqual({ status: "completed" });
      }),
      { numRuns: 60 },
    );
  });

  test("asks ever less when nothing but failures comes", async () => {
    const { looks } = await waitIn({ endsAt: 0, latencies: [10], failures: [2] }, 300_000);
    expect(looks.length).toBeLessThan(45);
    expect(looks.length).toBeGreaterThan(15);
  });
});

describe("a wait", () => {
  test("does not look before Arga allows it", async () => {
    const { looks } = await waitIn({ endsAt: 0, latencies: [0], failures: [0, undefined] }, 60_000);
    expect(looks.map(({ at }) => at)).toEqual([0, 3_000]);
  });

  test.each([ArgaUnauthorized, ArgaNotFound, ArgaGone])(
    "ends at once when looking is no use: %o",
    async (type) => {
      const clock = new VirtualClock();
      const look = () => Promise.reject(new type("no", details));
      const call = waitFor(look, { timeoutMs: 10_000, clock, isDone: () => true });
      await expect(call).rejects.toBeInstanceOf(type);
      expect(clock.now()).toBe(0);
    },
  );

  test("that is longer than a timer can be is not cut when the timer ends", async () => {
    const clock = realClock(5);
    const look = async (signal: AbortSignal) => {
      await clock.sleep(60, signal);
      if (signal.aborted) throw new ArgaAborted("cut", details);
      return { status: "completed" };
    };
    const isDone = (word: string) => word === "completed";
    expect(await waitFor(look, { timeoutMs: 10_000, clock, isDone })).toEqual({ status: "completed" });
  });

  test("of that kind ends when its own time does", async () => {
    const clock = realClock(5);
    const began = clock.now();
    const look = (signal: AbortSignal) => clock.sleep(10_000, signal).then(() => ({ status: "running" }));
    const call = waitFor(look, { timeoutMs: 60, clock, isDone: () => false });
    await expect(call).rejects.toBeInstanceOf(ArgaStillRunning);
    expect(clock.now() - began).toBeGreaterThanOrEqual(60);
    expect(clock.now() - began).toBeLessThan(2_000);
  });

  test("says how the run was last, and nothing else of it", async () => {
    const clock = new VirtualClock();
    const look = async () => ({ status: "running", proxy_token: "ptk_secret" });
    const error = await waitFor(look, { timeoutMs: 9_000, clock, isDone: () => false }).catch(String);
    expect(error).toBe('ArgaStillRunning: The run was still "running" after 9 seconds.');
  });

  test("tells each status once, also one that nobody knows", async () => {
    const clock = new VirtualClock();
    const words = ["queued", "queued", "levitating", "completed"];
    const told: string[] = [];
    const look = async () => ({ status: words.shift() ?? "" });
    const onStatus = (status: string) => told.push(status);
    await waitFor(look, { timeoutMs: 60_000, clock, isDone: (word) => word === "completed", onStatus });
    expect(told).toEqual(["queued", "levitating", "completed"]);
  });

  test.each(["before it", "in a look", "between looks"])("ends when the caller gives up %s", async (when) => {
    const clock = new VirtualClock();
    const giveUp = new AbortController();
    if (when === "before it") giveUp.abort();
    const look = async (signal: AbortSignal) => {
      if (when === "in a look") giveUp.abort();
      else queueMicrotask(() => giveUp.abort());
      if (when === "in a look") await clock.sleep(60_000, signal);
      return { status: "running" };
    };
    const { signal } = giveUp;
    const call = waitFor(look, { timeoutMs: 60_000, clock, signal, isDone: () => false });
    await expect(call).rejects.toBeInstanceOf(ArgaAborted);
    expect(clock.now()).toBe(0);
    expect(clock.sleepers).toBe(0);
  });
});

describe("a pace that was learned", () => {
  const quiet = { latencies: [20], failures: [undefined] };
  const spread = (n: number): number => 25_000 + ((n * 7_919) % 10_000);

  async function looksAfterLearning(): Promise<number[]> {
    const durations = new Durations();
    for (let n = 0; n < 40; n++) await waitIn({ ...quiet, endsAt: spread(n) }, 120_000, durations.pace());
    const { looks } = await waitIn({ ...quiet, endsAt: spread(40) }, 120_000, durations.pace());
    return looks.map(({ at }) => at);
  }

  test("spares the time in which nothing has ever ended", async () => {
    const looks = await looksAfterLearning();
    expect(looks.length).toBeLessThanOrEqual(8);
    expect(looks.filter((at) => at < 20_000).length).toBeLessThanOrEqual(1);
    expect((looks.at(-1) ?? 0) - spread(40)).toBeLessThan(3_000);
  });

  test("finds its way back when runs become shorter, and longer", async () => {
    for (const endsAt of [8_000, 90_000]) {
      const durations = new Durations();
      for (let n = 0; n < 64; n++) durations.record(spread(n));
      for (let n = 0; n < 64; n++) await waitIn({ ...quiet, endsAt }, 300_000, durations.pace());
      const { now } = await waitIn({ ...quiet, endsAt }, 300_000, durations.pace());
      expect(now - endsAt).toBeLessThan(3_000);
    }
  });

  test("always asks again, some time later", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(600_000), { maxLength: 80 }), fc.nat(2_000_000), (kept, ageMs) => {
        const durations = new Durations();
        for (const ms of kept) durations.record(ms);
        const ms = durations.pace().next(ageMs);
        expect(ms).toBeGreaterThan(0);
        expect(ms).toBeLessThan(600_000);
      }),
    );
  });
});
