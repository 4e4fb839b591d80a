import type { KnownBlock } from "@slack/types";
import { describe, expect, test } from "vitest";
import { validateMessage } from "../../../sim/slack/blocks/validate.ts";
import { allKinds } from "../../../src/kinds/index.ts";
import type { Outcome, PreviousRun, Progress, Run, Step, ThreadEvent } from "../../../src/runs/run.ts";
import { type Content, card } from "../../../src/views/card.ts";
import { comparison, effort, stepCount, tookWords } from "../../../src/views/progress.ts";
import { threadMessage } from "../../../src/views/thread-messages.ts";
import { ADA, BOB, MINUTE, NOW, PHASE_NAMES, runIn } from "../support/runs.ts";
import { smuggled } from "../support/scan.ts";

const CONTEXT = { now: NOW, maxTtlMinutes: 480 };

const SPECS = {
  twin: { spec: { twins: ["stripe"], ttlMinutes: 60 }, title: "Stripe twin", timed: true },
  test: {
    spec: { url: "https://shop.example.com/cart", prompt: "pay" },
    title: "Pay · shop.example.com/cart",
  },
  sandbox: {
    spec: { repo: "acme/shop", branch: "main", ttlMinutes: 60 },
    title: "Sandbox of acme/shop, branch main",
    timed: true,
  },
  url: { spec: { url: "https://shop.example.com" }, title: "Validation of shop.example.com" },
  pr: {
    spec: { repo: "acme/shop", prUrl: "https://github.com/acme/shop/pull/42" },
    title: "Validation of acme/shop#42",
  },
  agent: { spec: { repo: "acme/shop", branch: "main" }, title: "Agent run on acme/shop, branch main" },
} satisfies Record<string, { spec: object; title: string; timed?: true }>;

/** Of the pages and pull requests that runs are about. */
const HOSTS = ["shop.example.com", "github.com"];

type Kind = keyof typeof SPECS;
const KINDS = Object.keys(SPECS) as Kind[];
const OUTCOMES: Outcome[] = [
  "passed",
  "torn_down",
  "expired",
  "failed",
  "refused",
  "cancelled",
  "lost",
  "unknown",
];

const step = (text: string, state: Step["state"], more: Partial<Step> = {}): Step => ({
  key: text,
  text,
  state,
  ...more,
});
const FAILED = step("Pay", "failed", { detail: "Card refused", tookMs: 2_000 });
const PROGRESS: Progress = {
  last: [step("Open", "done", { tookMs: 850 }), FAILED, step("Log out", "running")],
  reportedKeys: ["Open", "Pay"],
  count: 3,
  total: 8,
};

function runOf(kind: Kind, phase: Run["phase"]["name"], more: Partial<Run> = {}): Run {
  const { spec, timed }: { spec: object; timed?: true } = SPECS[kind];
  return runIn(phase, { kind, spec, ...(timed ? { ttlMinutes: 60 } : {}), startedAt: NOW - MINUTE, ...more });
}

const ended = (kind: Kind, outcome: Outcome, more: Partial<Run> = {}): Run =>
  runOf(kind, "ended", { phase: { name: "ended", at: NOW, outcome }, tookMs: 34_000, ...more });

const shown = (content: Content | Content["blocks"]): string => JSON.stringify(content);
const actionIds = (content: Content): string[] =>
  [...shown(content).matchAll(/"action_id":"([^"]+)"/g)].map(([, id]) => id ?? "");

/** What Slack takes, with the newer blocks and without, and says in plain text what it is. */
function expectSound(content: Content, mentions: string[] = [ADA.id]): void {
  for (const blocks of [content.blocks, ...(content.plainer ? [content.plainer] : [])]) {
    expect(validateMessage({ text: content.text, blocks })).toEqual([]);
    expect(smuggled({ text: content.text, blocks }, { mentions, hosts: HOSTS })).toEqual([]);
  }
  // Undefined and null are what a forgotten field looks like.
  expect(content.text).not.toMatch(/undefined|null|NaN|\[object|[*`]| {2}|\.\.|,,/);
}

describe.each(KINDS)("the card of a %s run", (kind) => {
  const { title } = SPECS[kind];

  test.each(PHASE_NAMES)("is one that Slack takes while %s, with steps and without", (phase) => {
    for (const more of [{}, { progress: PROGRESS }, { progress: { ...PROGRESS, failed: FAILED } }]) {
      const content = card(runOf(kind, phase, more), CONTEXT);
      expectSound(content);
      expect(content.text).toMatch(
        new RegExp(`^${title.replace(/[#/.]/g, "\\$&")}: .+ \\(for ada, k7m2qx\\)$`),
      );
      expect(content.plainer === undefined).toBe(!("progress" in more));
    }
  });

  test.each(OUTCOMES)("says that it ended, and how: %s", (outcome) => {
    const content = card(ended(kind, outcome), CONTEXT);
    expectSound(content);
    const others = OUTCOMES.filter((other) => other !== outcome).map(
      (other) => card(ended(kind, other), CONTEXT).text,
    );
    expect(others).not.toContain(content.text);
  });

  test("offers a start from anew once it ended, and no end of it", () => {
    for (const outcome of OUTCOMES) {
      const ids = actionIds(card(ended(kind, outcome), CONTEXT));
      expect(ids).toContain("run.rerun");
      for (const id of ["run.cancel", "run.teardown", "run.extend"]) expect(ids).not.toContain(id);
    }
  });

  test("has an actions block of its own, with nothing in it but the run's id", () => {
    const { blocks } = card(runOf(kind, "running", { progress: PROGRESS }), CONTEXT);
    const ids = blocks.flatMap(({ block_id }) => block_id ?? []);
    expect(ids.filter((id) => !/^run:k7m2qx:[0-9a-f]{8}$/.test(id))).toEqual([]);
  });

  test.each(["ready", "steps", "acted", "ended"] as const)(
    "the thread's %s is one that Slack takes",
    (type) => {
      const events: Record<typeof type, ThreadEvent> = {
        ready: { type: "ready" },
        steps: { type: "steps", steps: [...PROGRESS.last, step("Looking", "note")], since: NOW },
        acted: { type: "acted", action: "cancel", by: BOB },
        ended: { type: "ended" },
      };
      for (const outcome of OUTCOMES) {
        const run = ended(kind, outcome, { progress: { ...PROGRESS, failed: FAILED } });
        const content = threadMessage(run, events[type], CONTEXT);
        expectSound(content, type === "ready" || type === "ended" ? [ADA.id] : []);
      }
    },
  );
});

test("every kind of run is looked at here", () => {
  expect([...allKinds].map(({ kind }) => kind).sort()).toEqual([...KINDS].sort());
});

describe("the buttons of a run", () => {
  test.each([
    ["test", "starting", ["run.logs", "run.more"]],
    ["test", "running", ["run.logs", "run.more"]],
    ["url", "requested", ["run.cancel"]],
    ["url", "running", ["run.logs", "run.cancel", "run.more"]],
    ["pr", "ending", ["run.logs"]],
    ["agent", "ended", ["run.logs", "run.rerun"]],
    ["sandbox", "starting", ["run.logs", "run.teardown", "run.more"]],
    ["sandbox", "ready", ["run.credentials", "run.logs", "run.teardown", "run.more"]],
    ["test", "ended", ["run.logs", "run.rerun", "run.more"]],
    ["sandbox", "ending", ["run.logs"]],
  ] as const)("of the kind %s while %s are the ones that make sense then", (kind, phase, ids) => {
    expect(actionIds(card(runOf(kind, phase), CONTEXT))).toEqual(ids);
  });

  test("that do harm are asked about first", () => {
    expect(shown(card(runOf("url", "running"), CONTEXT))).toMatch(/"action_id":"run.cancel"[^[]*?"confirm":/);
    expect(shown(card(runOf("sandbox", "ready"), CONTEXT))).toMatch(
      /"action_id":"run.teardown"[^[]*?"confirm":/,
    );
  });
});

describe("a run at work", () => {
  test("says at which step it is, and since when, as of the last that was heard of it", () => {
    const run = runOf("url", "running", { progress: PROGRESS, newsAt: NOW - MINUTE + 14_000 });
    const { blocks } = card(run, CONTEXT);
    expect(shown(blocks)).toContain("*Validation of shop.example.com* — running, step 3 of 8 · 14 s");
  });

  test("links what it is about, and what it runs, by where each leads", () => {
    const links = [{ label: "Stripe", url: "https://pub-1.sandbox.argalabs.com/" }];
    const arga = { id: "x", status: "running", links };
    const shownOf = (kind: Kind): string => shown(card(runOf(kind, "running", { arga }), CONTEXT).blocks);
    expect(shownOf("pr")).toContain("<https://github.com/acme/shop/pull/42|PR #42 ↗>");
    expect(shownOf("test")).toContain("<https://shop.example.com/cart|shop.example.com/cart ↗>");
    expect(shownOf("test")).toContain("|Open Stripe ↗>");
    const over = shown(card(ended("pr", "passed", { arga }), CONTEXT).blocks);
    expect(over).toContain("|PR #42 ↗>");
    expect(over).not.toContain("Open Stripe");
  });
});

describe("steps on the card", () => {
  const content = card(runOf("url", "running", { progress: PROGRESS }), CONTEXT);

  test("stand in a plan, each with its state and the time that it took", () => {
    const plan = content.blocks.find(({ type }) => type === "plan");
    expect(plan).toMatchObject({
      title: "Step 3 of 8",
      tasks: [
        { title: "Open (0.9 s)", status: "complete" },
        { title: "Pay (2 s)", status: "error" },
        { title: "Log out", status: "in_progress" },
      ],
    });
    expect(shown(content.blocks)).toContain("Card refused");
  });

  test("stand in lines for a workspace that does not know plans, and nothing else is lost", () => {
    expect(shown(content.plainer ?? [])).toContain(":x: Pay: Card refused (2 s)");
    const others = content.blocks.filter(({ type }) => type !== "plan");
    expect(content.plainer).toEqual(expect.arrayContaining(others));
    expect(content.plainer).toHaveLength(others.length + 1);
  });

  test("are counted in plain text too", () => {
    expect(content.text).toBe("Validation of shop.example.com: running, step 3 of 8 (for ada, k7m2qx)");
  });

  test("are followed by what was said last, while it is the newest", () => {
    const noted = (last: Step[]) =>
      shown(card(runOf("url", "running", { progress: { ...PROGRESS, last } }), CONTEXT).blocks);
    expect(noted([step("Open", "done"), step("Looking around", "note")])).toContain(
      ":speech_balloon: Looking around",
    );
    expect(noted([step("Looking around", "note"), step("Open", "done")])).not.toContain("Looking around");
  });

  test("without any but what was said make no plan", () => {
    const progress = { last: [step("Looking", "note")], reportedKeys: [], count: 0 };
    const { blocks, plainer } = card(runOf("url", "running", { progress }), CONTEXT);
    expect(blocks.some(({ type }) => type === "plan")).toBe(false);
    expect(plainer).toBeUndefined();
  });

  test.each([
    [{ count: 0 }, undefined],
    [{ count: 1 }, "1 step"],
    [{ count: 3 }, "3 steps"],
    [{ count: 3, total: 8 }, "3 of 8 steps"],
    [{ count: 8, total: 8 }, "8 steps"],
    [{ count: 9, total: 8 }, "9 steps"],
  ])("%j are %s", (progress, words) => {
    expect(
      stepCount(runOf("test", "running", { progress: { last: [], reportedKeys: [], ...progress } })),
    ).toBe(words);
  });
});

test("what is tested stands out on a card, where it is done does not", () => {
  const headOf = (spec: object): string =>
    shown(card(runOf("test", "running", { spec }), CONTEXT).blocks.slice(0, 1));
  const url = "https://shop.example.com/cart";
  expect(headOf({ url, prompt: "pay · shop" })).toContain("*Pay · shop* · shop.example.com/cart — running");
  expect(headOf({ url, saved: { id: "t-1", name: "Pay" } })).toContain("*Pay* · shop.example.com/cart —");
  expect(headOf({ url })).toContain("*Test of shop.example.com/cart* —");
});

describe("a run that failed", () => {
  const run = ended("url", "failed", { progress: { ...PROGRESS, failed: FAILED } });

  const timesIn = (blocks: KnownBlock[] = [], words: string): number => shown(blocks).split(words).length - 1;

  test("says which step failed and why, on the card and in the thread, each once", () => {
    const { text, blocks, plainer } = card(run, CONTEXT);
    expect(text).toContain("Failed step: Pay");
    expect(blocks.find(({ type }) => type === "plan")).toMatchObject({
      tasks: expect.arrayContaining([expect.objectContaining({ title: "Pay (2 s)", status: "error" })]),
    });
    const end = threadMessage(run, { type: "ended" }, CONTEXT);
    expect(end.text).toContain("Failed step: Pay.");
    expect(shown(end.blocks)).toContain("Failed step: *Pay*");
    for (const each of [blocks, plainer, end.blocks]) {
      expect(timesIn(each, "Pay")).toBe(1);
      expect(timesIn(each, "Card refused")).toBe(1);
    }
  });

  test("whose end tells its steps names the failed one among them, and says why above them", () => {
    const story = { steps: PROGRESS.last, earlier: 0 };
    const { blocks } = threadMessage({ ...run, story }, { type: "ended" }, CONTEXT);
    expect(timesIn(blocks, "Pay")).toBe(1);
    expect(timesIn(blocks, "Card refused")).toBe(1);
    expect(shown(blocks).indexOf("Card refused")).toBeLessThan(shown(blocks).indexOf(":x: Pay"));
  });

  test("names a failed step that its card has no room for", () => {
    const last = ["a", "b", "c", "d", "e"].map((name) => step(name, "done"));
    const { blocks } = card(
      ended("test", "failed", { progress: { ...PROGRESS, last, failed: FAILED } }),
      CONTEXT,
    );
    expect(shown(blocks)).toContain("Failed step: *Pay*");
  });

  test.each([
    ["Card refused.", 1],
    ["pay: card refused ✗", 1],
    ["Pay: Card refused by the bank", 2],
  ])("with %j for the whole gives its reason %i times", (why, times) => {
    const whole = { ...run, phase: { name: "ended", at: NOW, outcome: "failed", why } as const };
    for (const content of [card(whole, CONTEXT), threadMessage(whole, { type: "ended" }, CONTEXT)])
      expect(shown(content.blocks).toLowerCase().split("card refused")).toHaveLength(times + 1);
  });

  test("says so where its heading counts more steps than stand below it", () => {
    const last = ["a", "b", "c", "d", "e"].map((name) => step(name, "done"));
    const titleOfPlan = (count: number) => {
      const progress = { last, reportedKeys: [], count };
      const blocks = card(ended("url", "passed", { progress }), CONTEXT).blocks;
      return (blocks.find(({ type }) => type === "plan") as { title?: string } | undefined)?.title;
    };
    expect(titleOfPlan(6)).toBe("Passed · 6 steps in 34 s · the last 5");
    expect(titleOfPlan(5)).toBe("Passed · 5 steps in 34 s");
  });

  test("heads its steps with the outcome, and says the reason nowhere else", () => {
    const { blocks, plainer = [] } = card(run, CONTEXT);
    const plan = blocks.find(({ type }) => type === "plan");
    expect(plan).toMatchObject({ title: "Failed · 3 of 8 steps in 34 s" });
    for (const form of [blocks, plainer]) expect(shown(form).split("Card refused")).toHaveLength(2);
    expect(shown(plainer)).not.toContain(":white_check_mark: Open");
  });

  test("says why once, where the step and the run give the same reason", () => {
    const why = {
      ...run,
      phase: { name: "ended", at: NOW, outcome: "failed", why: "Card refused" },
    } as const;
    const quotes = card(
      { ...why, progress: { last: [], reportedKeys: [], count: 1, failed: FAILED } },
      CONTEXT,
    );
    expect(shown(quotes.blocks).split("Card refused")).toHaveLength(2);
  });
});

describe("how long it took", () => {
  test.each([
    [0, "0 s"],
    [850, "0.9 s"],
    [9_960, "10 s"],
    [34_000, "34 s"],
    [59_600, "1 min"],
    [125_000, "2 min 5 s"],
    [3_599_600, "1 h 0 min"],
    [5_400_000, "1 h 30 min"],
  ])("%i ms is %s", (ms, words) => {
    expect(tookWords(ms)).toBe(words);
  });

  test("stands with the steps, or alone, or is not said", () => {
    expect(effort(ended("test", "passed", { progress: { last: [], reportedKeys: [], count: 8 } }))).toBe(
      "8 steps in 34 s",
    );
    expect(effort(ended("test", "passed"))).toBe("after 34 s");
    expect(effort(runOf("test", "running"))).toBeUndefined();
  });
});

describe("a run that repeats another", () => {
  const compared = (outcome: Outcome, previous: Partial<PreviousRun>, tookMs = 34_000) =>
    comparison(
      ended("test", outcome, { previous: { id: "p3rv2s", outcome: "passed", ...previous }, tookMs }),
    );

  test.each<[Outcome, Partial<PreviousRun>, string]>([
    ["passed", { tookMs: 38_000 }, "Repeats `p3rv2s`: passed again, 4 s faster."],
    ["passed", { tookMs: 35_000 }, "Repeats `p3rv2s`: passed again, 1 s faster."],
    ["passed", { tookMs: 34_999 }, "Repeats `p3rv2s`: passed again, just as fast."],
    ["passed", { tookMs: 33_500 }, "Repeats `p3rv2s`: passed again, just as fast."],
    ["passed", { tookMs: 33_000 }, "Repeats `p3rv2s`: passed again, 1 s slower."],
    ["passed", { tookMs: 20_000 }, "Repeats `p3rv2s`: passed again, 14 s slower."],
    ["passed", {}, "Repeats `p3rv2s`: passed again."],
    ["failed", { tookMs: 38_000 }, "Repeats `p3rv2s`: passed before, failed now."],
    ["passed", { outcome: "failed", tookMs: 9 }, "Repeats `p3rv2s`: failed before, passed now."],
    ["failed", { outcome: "failed" }, "Repeats `p3rv2s`: failed again."],
  ])("that %s says how it compares with %j: %s", (outcome, previous, expected) => {
    expect(compared(outcome, previous)).toBe(expected);
  });

  test("names it from the start, and says nothing where there is none", () => {
    const previous = { id: "p3rv2s", outcome: "failed" } as const;
    expect(comparison(runOf("test", "running", { previous }))).toBe("Repeats `p3rv2s` (failed).");
    expect(comparison(ended("test", "passed"))).toBeUndefined();
  });

  test.each(OUTCOMES.flatMap((before) => OUTCOMES.map((now) => ({ before, now }))))(
    "is a sentence when one that $before comes to be $now",
    ({ before, now }) => {
      const words = compared(now, { outcome: before }) ?? "";
      expect(words).toMatch(/^Repeats `p3rv2s`: [A-Za-z' ,]+\.$/);
      if (before === now) expect(words).toMatch(/: [A-Za-z' ]+ again\.$/);
    },
  );
});
