import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Opened } from "../../src/api/answers.ts";
import { ArgaAborted, ArgaError, ArgaFailed, ArgaTimeout, ArgaUnreachable } from "../../src/api/errors.ts";
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
