import { describe, expect, test } from "vitest";
import type { Artifact } from "../../../src/api/artifacts.ts";
import { proofOf } from "../../../src/kinds/proof.ts";
import {
  isProofDue,
  proofFileSettled,
  proofLinked,
  proofSharing,
  proofShown,
} from "../../../src/runs/proof.ts";
import { isDelivered, type Run, type Step } from "../../../src/runs/run.ts";
import { abandoned, channelClosed, observed } from "../../../src/runs/transitions.ts";
import { decodeRun, encodeRun } from "../../../src/store/run-record.ts";
import { proofComment } from "../../../src/views/proof.ts";
import { threadMessage } from "../../../src/views/thread-messages.ts";
import { frozen, NOW, REMIND_BEFORE, runIn, seen } from "../support/runs.ts";

const artifact = (name: string, more: Partial<Artifact> = {}): Artifact => ({
  url: `https://api.example/${name}`,
  name,
  isOfFailure: false,
  ...more,
});
const file = (name: string) => ({ url: `https://api.example/${name}`, name });
const names = (found: Artifact[], steps: Step[] = []): string[] =>
  proofOf(found, steps).map(({ name }) => name);
const STEPS: Step[] = [
  { key: "n", text: "hm", state: "note" },
  { key: "a", text: "open", state: "done" },
  { key: "b", text: "pay", state: "failed" },
];

describe("a failure is shown by", () => {
  test("pictures of the failed step, by what they stand in, by its number or by its words", () => {
    const others = [artifact("1.png", { step: "1" }), artifact("film.webm")];
    expect(names([...others, artifact("x.png", { isOfFailure: true })], STEPS)).toEqual(["x.png"]);
    expect(names([...others, artifact("x.png", { step: "2" })], STEPS)).toEqual(["x.png"]);
    expect(names([...others, artifact("x.png", { step: "pay" })], STEPS)).toEqual(["x.png"]);
  });

  test("or else those of the whole run, at most five, the newest; or else the last one", () => {
    const many = [1, 2, 3, 4, 5, 6].map((n) => artifact(`${n}.png`));
    expect(names([artifact("s.png", { step: "1" }), ...many], STEPS)).toEqual(
      [2, 3, 4, 5, 6].map((n) => `${n}.png`),
    );
    expect(names([artifact("s.png", { step: "1" }), artifact("t.png", { step: "7" })], STEPS)).toEqual([
      "t.png",
    ]);
    expect(names([], STEPS)).toEqual([]);
  });
});

const files = [file("a.png"), file("b.png")];
const failed = (): Run =>
  frozen(
    observed(
      runIn("running", { kind: "test", spec: { prompt: "pay" } }),
      seen("ended", { outcome: "failed", proof: () => files }),
      NOW,
      REMIND_BEFORE,
    ),
  );
const told = (run: Run): Run => ({ ...run, outbox: [] });

describe("a run that failed", () => {
  test("keeps what shows it until the thread has it, also in its record", () => {
    const run = failed();
    expect(run.proof).toEqual({ files });
    expect(isDelivered(told(run))).toBe(false);
    expect(isDelivered(proofShown(told(run)))).toBe(true);
    expect(decodeRun(encodeRun(run), "1").proof).toEqual({ files });
  });

  test("shows it after its end was told, and not before", () => {
    expect(isProofDue(failed())).toBe(false);
    expect(isProofDue(told(failed()))).toBe(true);
    expect(isProofDue({ ...told(failed()), card: { state: "due" } })).toBe(false);
    expect(isProofDue(proofShown(told(failed())))).toBe(false);
  });

  test("knows which files Slack has: the first id counts, and what's only linked stays so", () => {
    const [a, b] = files;
    const first = proofFileSettled(failed(), a?.url ?? "", { fileId: "F1" });
    const again = proofFileSettled(first, a?.url ?? "", { fileId: "F2" });
    const both = proofFileSettled(again, b?.url ?? "", { isLink: true });
    expect(both.proof?.files).toEqual([
      { ...a, fileId: "F1" },
      { ...b, isLink: true },
    ]);
    expect(proofComment(both, both.proof?.files ?? [])).toBe(
      "What it saw · <https://api.example/b.png|b.png ↗>",
    );
    const sharing = proofSharing(both, NOW);
    expect(sharing.proof?.sharingSince).toBe(NOW);
    expect(proofSharing(sharing, undefined).proof).toEqual(both.proof);
  });

  test("links it where Slack doesn't take it", () => {
    const linked = proofLinked(proofSharing(told(failed()), NOW));
    expect(linked.proof).toBeUndefined();
    expect(linked.outbox).toEqual([{ to: "thread", key: "proof", what: { type: "proof", files } }]);
    const { text } = threadMessage(linked, { type: "proof", files }, { now: NOW, maxTtlMinutes: 480 });
    expect(text).toBe(
      "What it saw: <https://api.example/a.png|a.png ↗> · <https://api.example/b.png|b.png ↗>",
    );
    expect(proofLinked(linked)).toBe(linked);
  });

  test("shows nothing in a channel that's closed, or once it is let go", () => {
    expect(abandoned(failed()).proof).toBeUndefined();
    expect(channelClosed(failed(), NOW).proof).toBeUndefined();
  });
});

test("a run that didn't fail isn't looked through for pictures", () => {
  const look = (): never => {
    throw new Error("looked");
  };
  const still = observed(runIn("running"), seen("running", { proof: look }), NOW, REMIND_BEFORE);
  expect(still.proof).toBeUndefined();
});

test("of a run without pictures nothing is shared", () => {
  const run = frozen(runIn("ended"));
  expect(proofSharing(run, NOW)).toBe(run);
  expect(proofFileSettled(run, "https://api.example/a.png", { fileId: "F1" })).toBe(run);
});
