import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Opened } from "../../src/api/answers.ts";
import {
  ArgaAborted,
  ArgaError,
  ArgaFailed,
  ArgaRateLimited,
  ArgaTimeout,
  ArgaUnreachable,
} from "../../src/api/errors.ts";
import { follow } from "../../src/api/streaming.ts";
import { VirtualClock } from "./support/clock.ts";

/** Whole lives of streams in time that does not pass: connections that end in any way, after any bytes. */

const failures = [
  () => new ArgaUnreachable("cut", { route: "GET /s", sent: "maybe" }),
  () => new ArgaTimeout("silent", { route: "GET /s", sent: "maybe" }),
  () => new ArgaFailed("down", { route: "GET /s", sent: "maybe", status: 503 }),
];

interface Connection {
  pieces: Uint8Array[];
  /** How it ends: cleanly, in a failure, or never (silence). */
  end: "clean" | "never" | number;
}

const connection: fc.Arbitrary<Connection> = fc.record({
  pieces: fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .constantFrom("data: 1\n\n", "id: 5\n", "data: {", "\r\n", 'data: {"status":"completed"}\n\n')
        .map((text) => new TextEncoder().encode(text)),
    ),
    { maxLength: 8 },
  ),
  end: fc.constantFrom<Connection["end"]>("clean", "never", 0, 1, 2),
});

/** Follows a run that is over from `endsAt` on; after the last connection the first comes again. */
async function life(connections: Connection[], endsAt: number) {
  const clock = new VirtualClock();
  const signals: AbortSignal[] = [];
  const open = async (_: Record<string, string>, signal: AbortSignal): Promise<Opened> => {
    const { pieces, end } = connections[signals.length % connections.length] ?? { pieces: [], end: "clean" };
    signals.push(signal);
    const body = async function* () {
      for (const piece of pieces) {
        await clock.sleep(10, signal);
        yield piece;
      }
      if (end === "never") await clock.sleep(1e9, signal);
      if (typeof end === "number") throw failures[end]?.();
      if (signal.aborted) throw new ArgaAborted("cut", { route: "GET /s", sent: "maybe" });
    };
    return { status: 200, header: () => "text/event-stream", body: body() };
  };
  const isOver = async () => clock.now() >= endsAt;
  const source = { route: "GET /s", open, isOver, hints: () => false };
  const outcome = await (async () => {
    for await (const event of follow(source, { clock })) expect(event).toHaveProperty("data");
  })().catch((error: unknown) => error);
  return { outcome, clock, signals };
}

describe("a followed run", () => {
  test("is followed to its end, whatever its connections do, and nothing is left behind", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(connection, { minLength: 1, maxLength: 5 }),
        fc.nat(300_000),
        async (connections, endsAt) => {
          const { outcome, clock, signals } = await life(connections, endsAt);
          expect(outcome).toBeUndefined();
          expect(clock.now()).toBeGreaterThanOrEqual(endsAt);
          // One look's distance and a longest backoff after it, at most.
          expect(clock.now()).toBeLessThan(endsAt + 35_000);
          expect(signals.every(({ aborted }) => aborted)).toBe(true);
          expect(clock.sleepers).toBe(0);
        },
      ),
      { numRuns: 120 },
    );
  });

  test("is not asked for more often than the backoff allows", async () => {
    const { signals } = await life([{ pieces: [], end: "clean" }], 300_000);
    expect(signals.length).toBeLessThan(60);
  });

  /** Refused each time with a wait of so long; never over. */
  async function refused(retryAfterMs: number, patienceMs: number) {
    const clock = new VirtualClock();
    const opened: number[] = [];
    const open = () => {
      opened.push(clock.now());
      return Promise.reject(
        new ArgaRateLimited("later", { route: "GET /s", sent: "refused", status: 429, retryAfterMs }),
      );
    };
    const source = { route: "GET /s", open, isOver: async () => false, hints: () => false };
    const outcome = await (async () => {
      for await (const _ of follow(source, { clock, patienceMs }));
    })().catch((error: unknown) => error);
    return { outcome, opened, now: clock.now() };
  }

  test("fails at once, as what it was, when it is told to come back after its patience", async () => {
    const { outcome, opened, now } = await refused(30_001, 30_000);
    expect(outcome).toBeInstanceOf(ArgaRateLimited);
    expect(outcome).toMatchObject({ retryAfterMs: 30_001 });
    expect(opened).toEqual([0]);
    expect(now).toBe(0);
  });

  test("comes back when it is told to, as long as that is within its patience", async () => {
    const { outcome, opened, now } = await refused(20_000, 50_000);
    expect(outcome).toBeInstanceOf(ArgaRateLimited);
    expect(opened).toEqual([0, 20_000, 40_000]);
    expect(now).toBe(40_000);
  });

  test("has its state asked for when Arga allows it, and not before", async () => {
    const clock = new VirtualClock();
    const asked: number[] = [];
    const body = async function* (signal: AbortSignal) {
      await clock.sleep(1e9, signal);
      yield new Uint8Array();
    };
    const open = async (_: Record<string, string>, signal: AbortSignal): Promise<Opened> => ({
      status: 200,
      header: () => "text/event-stream",
      body: body(signal),
    });
    const isOver = async () => {
      asked.push(clock.now());
      if (asked.length > 1) return true;
      throw new ArgaRateLimited("later", {
        ...{ route: "GET /r", sent: "refused" as const },
        ...{ status: 429, retryAfterMs: 60_000 },
      });
    };
    for await (const _ of follow({ route: "GET /s", open, isOver, hints: () => false }, { clock }));
    expect(asked).toEqual([15_000, 75_000]);
  });

  test("throws its own errors only, whatever the check throws in passing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.nat(2), async (first, second) => {
        const clock = new VirtualClock();
        const open = () => Promise.reject(failures[first]?.());
        const isOver = () => Promise.reject(failures[second]?.());
        const source = { route: "GET /s", open, isOver, hints: () => true };
        const reading = (async () => {
          for await (const _ of follow(source, { clock, patienceMs: 20_000 }));
        })();
        await expect(reading).rejects.toBeInstanceOf(ArgaError);
        expect(clock.now()).toBeGreaterThanOrEqual(20_000);
      }),
    );
  });
});
