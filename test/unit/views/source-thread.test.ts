import { describe, expect, test } from "vitest";
import { validateMessage } from "../../../sim/slack/blocks/validate.ts";
import type { Run } from "../../../src/runs/run.ts";
import { createRefused, observed } from "../../../src/runs/transitions.ts";
import { sourceThreadMessage } from "../../../src/views/source-thread.ts";
import { NOW, newRun, REMIND_BEFORE, runIn, seen } from "../support/runs.ts";
import { smuggled } from "../support/scan.ts";

const sourceThread = { channel: "C0OTHER", threadTs: "1.0" };
const spec = { url: "https://shop.example.com/secret", prompt: "pay" };
const asked: Partial<Run> = { kind: "test", spec, sourceThread };
const failedStep = { key: "s", text: "pay <!channel>", state: "failed", detail: "no card" } as const;

const ended = (more: Partial<Run> = {}): Run =>
  observed(
    runIn("running", {
      ...asked,
      progress: { last: [], reportedKeys: [], count: 3, failed: failedStep },
      ...more,
    }),
    seen("ended", { outcome: "failed", tookMs: 34_000 }),
    NOW,
    REMIND_BEFORE,
  );

describe("the thread of the message that a run was asked from", () => {
  test("hears of the end, once, beside the run's own thread", () => {
    const tos = ended().outbox.map(({ to, key }) => `${to} ${key}`);
    expect(tos).toContain("source also:ended");
    expect(tos).toContain("thread ended");
    const again = observed(ended(), seen("ended", { outcome: "failed" }), NOW, REMIND_BEFORE);
    expect(again.outbox.filter(({ to }) => to === "source")).toHaveLength(1);
  });

  test("hears of it too if Arga refused", () => {
    const refused = createRefused(runIn("creating", asked), "no", NOW);
    expect(refused.outbox.map(({ to }) => to)).toContain("source");
  });

  test("is left alone by every other run", () => {
    const other = observed(runIn("running"), seen("ended", { outcome: "passed" }), NOW, REMIND_BEFORE);
    expect(other.outbox.map(({ to }) => to)).not.toContain("source");
    expect(newRun().sourceThread).toBeUndefined();
  });

  test("is told who asked, how it ended, what failed, and where the card is", () => {
    const content = sourceThreadMessage(ended(), "https://sim.slack.com/archives/C1/p1");
    const text = JSON.stringify(content);
    expect(text).toContain("ada's run from this message: *failed*, 3 steps in 34 s");
    expect(text).toContain("<https://sim.slack.com/archives/C1/p1|View card>");
    expect(text).toContain("no card");
    expect(text).not.toContain("<@");
    expect(validateMessage(content)).toEqual([]);
    expect(smuggled(content, { hosts: ["sim.slack.com"] })).toEqual([]);
  });

  test("is not told what a run in a private channel did, unless it stands there itself", () => {
    expect(JSON.stringify(sourceThreadMessage(ended({ hidden: true }), undefined))).not.toContain("no card");
    const there = ended({ hidden: true, sourceThread: { channel: "C0GENERAL", threadTs: "1.0" } });
    expect(JSON.stringify(sourceThreadMessage(there, undefined))).toContain("no card");
  });
});
