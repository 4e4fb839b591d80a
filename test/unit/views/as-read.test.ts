import { expect, test } from "vitest";
import { kindOf } from "../../../src/kinds/index.ts";
import type { Kind, Outcome, PhaseName, Progress, Run, Step, ThreadEvent } from "../../../src/runs/run.ts";
import { type Content, card } from "../../../src/views/card.ts";
import { sourceThreadMessage } from "../../../src/views/source-thread.ts";
import { threadMessage } from "../../../src/views/thread-messages.ts";
import { scenes } from "../support/rendered.ts";
import { ADA, BOB, MINUTE, NOW, PHASE_NAMES, runIn, wishOf } from "../support/runs.ts";

/**
 * Every card and every message of a thread, whole: each kind, phase and outcome, word for word, as
 * `__snapshots__/*.txt` has them. Whoever changes a text reads there what people will read.
 */

const CONTEXT = { now: NOW, maxTtlMinutes: 480 };
const CARD_URL = "https://acme.slack.com/archives/C0GENERAL/p1";

const SPECS: Record<string, { spec: object; timed?: true; steps?: true }> = {
  twin: { spec: { twins: ["stripe", "slack"], ttlMinutes: 60, scenarioPrompt: "one customer" }, timed: true },
  test: { spec: { url: "https://shop.example.com/cart", prompt: "pay" }, steps: true },
  sandbox: { spec: { repo: "acme/shop", branch: "main", twins: ["stripe"], ttlMinutes: 60 }, timed: true },
  url: { spec: { url: "https://shop.example.com", prompt: "open it", twins: [] }, steps: true },
  pr: { spec: { repo: "acme/shop", prUrl: "https://github.com/acme/shop/pull/42", twins: [] }, steps: true },
  agent: { spec: { repo: "acme/shop", branch: "main", twins: [] }, steps: true },
};

/** How runs end that go on for a time, and those that go on until they're done. */
const OUTCOMES: Record<"timed" | "steps", Outcome[]> = {
  timed: ["torn_down", "expired", "failed", "refused", "cancelled", "lost", "unknown"],
  steps: ["passed", "failed", "refused", "cancelled", "lost", "unknown"],
};
const outcomesOf = (kind: Kind): Outcome[] => OUTCOMES[SPECS[kind]?.steps ? "steps" : "timed"];
const phasesOf = (kind: Kind): PhaseName[] =>
  PHASE_NAMES.filter((name) => name !== "ended" && name !== (SPECS[kind]?.steps ? "ready" : "running"));

const step = (text: string, state: Step["state"], more: Partial<Step> = {}): Step => ({
  key: text,
  text,
  state,
  ...more,
});
const FAILED = step("Pay", "failed", { detail: "Card refused", tookMs: 2_000 });
const PROGRESS: Progress = {
  last: [
    step("Open", "done", { tookMs: 850 }),
    FAILED,
    step("Log out", "running"),
    step("Looking around", "note"),
  ],
  reportedKeys: ["Open", "Pay"],
  count: 3,
  total: 8,
};

const ARGA: NonNullable<Run["arga"]> = {
  id: "5b1c3c9e-8f0a-4b6e-9d3d-2f1a7c5e4b10",
  status: "ready",
  isPublic: true,
  dashboardUrl: "https://app.argalabs.com/runs/1",
  links: [{ label: "Stripe", url: "https://pub-1.sandbox.argalabs.com/" }],
};

function runOf(kind: Kind, phase: Run["phase"]["name"], more: Partial<Run> = {}): Run {
  const { spec, timed, steps } = SPECS[kind] ?? { spec: {} };
  const { deadline: _, arga, ...run } = runIn(phase, { kind, spec, startedAt: NOW - MINUTE });
  const status = phase === "starting" ? "setting_up" : phase;
  return {
    ...run,
    ...(arga ? { arga: { ...ARGA, status } } : {}),
    ...(timed ? { ttlMinutes: 60 } : {}),
    ...(timed && arga ? { deadline: { at: NOW + 60 * MINUTE, remindAt: NOW, reminded: false } } : {}),
    ...(steps && phase === "running" ? { progress: PROGRESS, newsAt: NOW - 46_000 } : {}),
    ...more,
  };
}

function endedAs(kind: Kind, outcome: Outcome, more: Partial<Run> = {}): Run {
  const { steps } = SPECS[kind] ?? {};
  const isReasoned = outcome === "failed" || outcome === "refused";
  const run = runOf(kind, "ended", {
    phase: { name: "ended", at: NOW, outcome, ...(isReasoned ? { why: "Arga's own words." } : {}) },
    tookMs: 34_000,
    ...(steps ? { progress: outcome === "failed" ? { ...PROGRESS, failed: FAILED } : PROGRESS } : {}),
    ...(outcome === "torn_down" || outcome === "cancelled" ? { endedBy: BOB } : {}),
    ...more,
  });
  return outcome === "refused" || outcome === "unknown" ? withoutArga(run) : run;
}

/** Arga never had it, or never said so. */
function withoutArga({
  arga: _,
  deadline: __,
  progress: ___,
  startedAt: ____,
  tookMs: _____,
  ...run
}: Run): Run {
  return run;
}

type Scenes = [string, Content][];

const snapshot = (name: string): string => `./__snapshots__/${name}.txt`;

function cards(kind: Kind): Scenes {
  const shown = (name: string, run: Run, now = NOW): [string, Content] => [
    name,
    card(run, { ...CONTEXT, now }),
  ];
  const trouble = { with: "arga", text: "Arga is busy.", since: NOW } as const;
  const locked = { ...ARGA, isPublic: false };
  const isTimed = SPECS[kind]?.timed === true;
  const atWork = isTimed ? "ready" : "running";
  const actionRequests = isTimed
    ? [wishOf({ action: "extend", minutes: 120 }), wishOf({ key: "b", action: "reset" })]
    : [wishOf({ action: "cancel" })];
  return [
    shown("requested, before it's posted", runOf(kind, "requested", { card: { state: "due" } })),
    ...phasesOf(kind).map((phase) => shown(phase, runOf(kind, phase))),
    shown("requested, 30 seconds later", runOf(kind, "requested"), NOW + 30_000),
    shown("creating, 30 seconds later, and Arga is busy", runOf(kind, "creating", { trouble }), NOW + 30_000),
    shown(`${atWork}, and Arga is silent for 30 seconds`, runOf(kind, atWork, { trouble }), NOW + 30_000),
    shown(
      `${atWork}, and asked for something a moment ago`,
      runOf(kind, atWork, { actionRequests }),
      NOW + 1_499,
    ),
    shown(
      `${atWork}, and asked for it 1.5 seconds ago`,
      runOf(kind, atWork, { actionRequests }),
      NOW + 1_500,
    ),
    ...(kind === "twin" ? [shown("ready, and locked", runOf(kind, "ready", { arga: locked }))] : []),
    ...outcomesOf(kind).map((outcome) => shown(`ended: ${outcome}`, endedAs(kind, outcome))),
    shown("ended: cancelled before Arga had it", withoutArga(endedAs(kind, "cancelled"))),
    shown(
      "ended: failed, as one that it repeats",
      endedAs(kind, "failed", { previous: { id: "p3rv2s", outcome: "failed" } }),
    ),
  ];
}

function thread(kind: Kind): Scenes {
  const says = (name: string, run: Run, what: ThreadEvent): [string, Content] => [
    name,
    threadMessage(run, what, CONTEXT),
  ];
  const isTimed = SPECS[kind]?.timed === true;
  const ready = runOf(kind, isTimed ? "ready" : "running");
  const extended = { type: "acted", action: "extend", by: BOB, deadline: NOW + 120 * MINUTE } as const;
  const acted = [...kindOf(ready).actions].map((action) =>
    says(`acted: ${action}`, ready, { type: "acted", action, by: BOB }),
  );
  const quiet = { quiet: { from: "00:00", until: "23:59", zone: "UTC" } };
  return [
    ...(isTimed
      ? [
          says("ready", ready, { type: "ready" }),
          says("ready, in quiet hours", { ...ready, telling: quiet }, { type: "ready" }),
          says("retried", ready, { type: "retried", why: "warm VM unavailable" }),
          says("reminder", ready, { type: "reminder", deadline: NOW + 60 * MINUTE }),
          says("acted: extend, with its end", ready, extended),
        ]
      : [
          says("steps", ready, { type: "steps", steps: PROGRESS.last, since: NOW }),
          says("acted: save, with its name", ready, {
            type: "acted",
            action: "save",
            by: BOB,
            name: "Checkout",
          }),
        ]),
    says("shared", ready, { type: "shared", by: ADA, with: [BOB, { id: "U0CY", name: "cy" }] }),
    ...acted,
    ...outcomesOf(kind).map((outcome) =>
      says(`ended: ${outcome}`, endedAs(kind, outcome), { type: "ended" }),
    ),
    says("ended by its requester", endedAs(kind, isTimed ? "torn_down" : "cancelled", { endedBy: ADA }), {
      type: "ended",
    }),
    says("ended: cancelled before Arga had it", withoutArga(endedAs(kind, "cancelled")), { type: "ended" }),
    says("ended: failed, in quiet hours", endedAs(kind, "failed", { telling: quiet }), { type: "ended" }),
    says(
      "ended: failed, told in a direct message",
      endedAs(kind, "failed", { telling: { end: "message" } }),
      {
        type: "ended",
      },
    ),
  ];
}

const source = (kind: Kind): Scenes => [
  ...outcomesOf(kind).map((outcome): [string, Content] => [
    `ended: ${outcome}`,
    sourceThreadMessage(endedAs(kind, outcome), CARD_URL),
  ]),
  [
    "ended: failed, of a private channel",
    sourceThreadMessage(endedAs(kind, "failed", { hidden: true }), undefined),
  ],
];

test.each(Object.keys(SPECS))("the card of a %s run is, word for word, what was read", async (kind) => {
  await expect(scenes(cards(kind))).toMatchFileSnapshot(snapshot(`card-${kind}`));
});

test.each(Object.keys(SPECS))("the thread of a %s run is, word for word, what was read", async (kind) => {
  await expect(scenes(thread(kind))).toMatchFileSnapshot(snapshot(`thread-${kind}`));
});

test("the thread of the message that a run was started from is, word for word, what was read", async () => {
  await expect(scenes(source("test"))).toMatchFileSnapshot(snapshot("source-thread"));
});
