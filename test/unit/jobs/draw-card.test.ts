import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Drawing, drawCard } from "../../../src/jobs/slack/draw-card.ts";
import { SILENCE_MS } from "../../../src/views/card.ts";
import { NOW, newRun, runIn } from "../support/runs.ts";

const drawing = (): Drawing => ({ drawn: new WeakMap(), maxTtlMinutes: 480 });

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => void vi.useRealTimers());

describe("a card", () => {
  test("is drawn once of one version of a run", () => {
    const deps = drawing();
    const run = runIn("ready");
    expect(drawCard(deps, run)).toBe(drawCard(deps, run));
    expect(drawCard(deps, { ...run, version: 2 })).not.toBe(drawCard(deps, run));
  });

  test("is drawn anew when time alone changes it, and not before", () => {
    const deps = drawing();
    const run = newRun({ phase: { name: "creating", attempt: "a1", since: NOW } });
    const first = drawCard(deps, run);
    vi.setSystemTime(NOW + SILENCE_MS - 1);
    expect(drawCard(deps, run)).toBe(first);
    vi.setSystemTime(NOW + SILENCE_MS);
    expect(drawCard(deps, run).hash).not.toBe(first.hash);
  });
});
