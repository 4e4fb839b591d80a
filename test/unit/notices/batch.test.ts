import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pending } from "../../../src/notices/batch.ts";
import { dueAt, nextBatch } from "../../../src/notices/batch.ts";
import { type Notice, noticeOf } from "../../../src/notices/notices.ts";
import { runIn } from "../support/runs.ts";

const FAILED = { key: "notice:failed", what: { type: "event", event: "failed" } } as const;
const failed = (more: Partial<Notice>): Notice => ({ ...noticeOf(runIn("ended"), FAILED), ...more });

describe("what is pending becomes messages", () => {
  const pendingAt = (...moments: number[]): Pending[] =>
    moments.map((since, n) => ({ since, notice: failed({ run: `run${n}` }) }));

  test.each<[string, number[], number | undefined]>([
    ["nothing, never", [], undefined],
    ["one, when others had a moment to come", [0], 2_000],
    ["a few, no later for being a few", [0, 1_000, 1_900], 2_000],
    ["a storm, when it is quiet", [0, 500, 1_000, 1_900], 3_900],
    ["a storm that goes on, after ten seconds", [0, 3_000, 6_000, 9_000, 9_900], 10_000],
  ])("%s", (_, moments, due) => {
    expect(dueAt(pendingAt(...moments))).toBe(due);
  });

  test("up to three, one each, in order", () => {
    const { batch, taken } = nextBatch("C1", pendingAt(0, 0, 0));
    expect(taken).toBe(1);
    expect(batch).toMatchObject({ key: "notice:failed:C1", counts: { failed: 1 } });
    expect(batch.notices.map(({ run }) => run)).toEqual(["run0"]);
  });

  test("more, one for all, failures first, with no more shown than there is room for", () => {
    const pending = Array.from({ length: 120 }, (_, n) => ({
      since: 0,
      notice: failed({ run: `run${n}`, event: n % 30 === 29 ? "failed" : "completed" }),
    }));
    const { batch, taken } = nextBatch("C1", pending);
    expect(taken).toBe(120);
    expect(batch.counts).toEqual({ failed: 4, completed: 116 });
    expect(batch.notices).toHaveLength(50);
    expect(batch.notices.slice(0, 5).map(({ run }) => run)).toEqual([
      "run29",
      "run59",
      "run89",
      "run119",
      "run0",
    ]);
  });

  test("each in exactly one message, however many come", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (count) => {
        let pending = pendingAt(...Array.from({ length: count }, () => 0));
        const told: number[] = [];
        while (pending.length > 0) {
          const { batch, taken } = nextBatch("C1", pending);
          told.push(Object.values(batch.counts).reduce((sum, n) => sum + n, 0));
          expect(told.at(-1)).toBe(taken);
          pending = pending.slice(taken);
        }
        expect(told.reduce((sum, n) => sum + n, 0)).toBe(count);
        expect(told.length).toBeLessThanOrEqual(3);
      }),
    );
  });
});
