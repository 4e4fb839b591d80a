import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { validateMessage, validateView } from "../../../sim/slack/blocks/validate.ts";
import type { LogLine } from "../../../src/kinds/kind.ts";
import type { Outcome, Run, Step, ThreadEvent } from "../../../src/runs/run.ts";
import type { ScenarioEntry, TestEntry } from "../../../src/store/arga-cache.ts";
import { type Content, card } from "../../../src/views/card.ts";
import { runList } from "../../../src/views/lists.ts";
import { logsFailed, logsLoading, logsView } from "../../../src/views/logs.ts";
import { scenarioList, testList } from "../../../src/views/tests.ts";
import { threadMessage } from "../../../src/views/thread-messages.ts";
import { foreign } from "../support/foreign.ts";
import { ADA, MINUTE, NOW, PHASE_NAMES, runIn } from "../support/runs.ts";
import { type Allowed, inMrkdwn, isWhole, oddValues, smuggled, textObjects } from "../support/scan.ts";

const HOST = "page.example";
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const names = fc.array(foreign, { maxLength: 40 });

/** What each kind's record may hold, whoever wrote it. */
const SPECS = {
  test: fc.record({
    url: optional(foreign),
    prompt: optional(foreign),
    twins: optional(names),
    repo: optional(foreign),
    branch: optional(foreign),
    sandboxId: optional(foreign),
    saved: optional(fc.record({ id: foreign, name: optional(foreign) })),
  }),
  sandbox: fc.record({
    repo: foreign,
    branch: optional(foreign),
    prUrl: optional(foreign),
    twins: optional(names),
    ttlMinutes: fc.integer({ min: 1, max: 480 }),
    scenarioId: optional(foreign),
  }),
  url: fc.record({ url: foreign, prompt: optional(foreign), twins: optional(names) }),
  pr: fc.record({ repo: foreign, prUrl: foreign, notes: optional(foreign), twins: optional(names) }),
  agent: fc.record({ repo: foreign, branch: foreign }),
} satisfies Record<string, fc.Arbitrary<object>>;

const kindAndSpec = fc
  .constantFrom(...(Object.keys(SPECS) as (keyof typeof SPECS)[]))
  .chain((kind) => (SPECS[kind] as fc.Arbitrary<object>).map((spec) => ({ kind, spec })));

const step: fc.Arbitrary<Step> = fc
  .record({
    key: fc.nat(999).map(String),
    text: foreign,
    state: fc.constantFrom<Step["state"]>("running", "done", "failed", "note"),
    detail: foreign,
    tookMs: fc.nat(9_000_000),
  })
  .map((all) => ({ ...all, text: all.text.slice(0, 300), detail: all.detail.slice(0, 600) }));

const progress = fc.record({
  last: fc.array(step, { maxLength: 6 }),
  reportedKeys: fc.constant<string[]>([]),
  count: fc.nat(2_000),
  total: fc.nat(2_000),
  failed: step,
});

const outcome = fc.constantFrom<Outcome>(
  "passed",
  "torn_down",
  "expired",
  "failed",
  "refused",
  "cancelled",
  "lost",
  "unknown",
);

const run: fc.Arbitrary<Run> = fc
  .record({
    what: kindAndSpec,
    phase: fc.constantFrom(...PHASE_NAMES),
    end: fc.record({ outcome, why: foreign }),
    name: foreign,
    status: foreign,
    links: fc.array(fc.record({ label: foreign, url: foreign.map((path) => `https://${HOST}/${path}`) }), {
      maxLength: 10,
    }),
    progress: optional(progress),
    previous: optional(fc.record({ id: fc.constant("p3rv2s"), outcome, tookMs: fc.nat(9_000_000) })),
    trouble: optional(foreign.map((text) => ({ with: "arga" as const, text, since: NOW - MINUTE }))),
    tookMs: fc.nat(9_000_000),
  })
  .map(({ what, phase, end, name, status, links, progress, previous, trouble, tookMs }) => {
    const plain = runIn(phase, {
      ...what,
      requester: { ...ADA, name },
      requestedAt: NOW - MINUTE,
      startedAt: NOW - MINUTE,
      tookMs,
      ...(what.kind === "sandbox" ? { ttlMinutes: 60 } : {}),
      ...(progress ? { progress } : {}),
      ...(previous ? { previous } : {}),
      ...(trouble ? { trouble } : {}),
    });
    const arga = plain.arga ? { arga: { ...plain.arga, status, links } } : {};
    return { ...plain, ...arga, ...(phase === "ended" ? { phase: { name: phase, at: NOW, ...end } } : {}) };
  });

const stories: fc.Arbitrary<ThreadEvent> = fc.oneof(
  fc.constantFrom<ThreadEvent>({ type: "ready" }, { type: "ended" }),
  fc
    .array(step, { minLength: 1, maxLength: 16 })
    .map((steps): ThreadEvent => ({ type: "steps", steps, since: NOW })),
  foreign.map((name): ThreadEvent => ({ type: "acted", action: "cancel", by: { id: "U0BOB", name } })),
);

const logLine: fc.Arbitrary<LogLine> = fc
  .record({ text: foreign, isError: fc.boolean(), source: optional(foreign), at: optional(fc.constant(NOW)) })
  .map(({ text, isError, source, at }) => ({
    text,
    isError,
    ...(source === undefined ? {} : { source }),
    ...(at === undefined ? {} : { at }),
  }));

const CONTEXT = { now: NOW, maxTtlMinutes: 480 };
const RUNS = { numRuns: 150 };

/** What holds for every message of ours, with its newer blocks and without them. */
/** Foreign text names the channel that runs are in otherwise. */
const ELSEWHERE = "C0ELSEWHERE";
const elsewhere = (run: Run): Run => ({ ...run, channel: ELSEWHERE });
const linkOf = (): string => `https://${HOST}/archives/C1/p1`;

function expectSound(content: Content, allowed: Allowed = {}): void {
  for (const blocks of [content.blocks, ...(content.plainer ? [content.plainer] : [])]) {
    const message = { text: content.text, blocks };
    expect(smuggled(message, { hosts: [HOST], ...allowed })).toEqual([]);
    expect(validateMessage(message)).toEqual([]);
    expect(rawTexts(blocks).filter((text) => !isSafeRaw(text))).toEqual([]);
  }
  expect(content.text.trim()).not.toBe("");
  expect(content.text.length).toBeLessThanOrEqual(4_000);
}

/** Texts that are shown as they are: titles of tasks, and pieces of rich text. */
function rawTexts(piece: unknown): string[] {
  if (typeof piece !== "object" || piece === null) return [];
  const { type, title, text } = piece as { type?: unknown; title?: unknown; text?: unknown };
  const own = [
    type === "task_card" || type === "plan" ? title : undefined,
    type === "text" ? text : undefined,
  ];
  return [...own.filter((each) => typeof each === "string"), ...Object.values(piece).flatMap(rawTexts)];
}

const isSafeRaw = (text: string): boolean =>
  isWhole(text) && !/[\u202a-\u202e\u2066-\u2069]/.test(text) && text.trim() !== "";

/** Logs show seconds, which no message does. */
const withoutSeconds = (text: string): string =>
  text.replaceAll("^{time_secs}|", "^{date_short_pretty} {time}|");

function expectSoundView(view: object): void {
  expect(validateView(view)).toEqual([]);
  for (const { type, text } of textObjects(view)) {
    if (type === "mrkdwn") expect(inMrkdwn(withoutSeconds(text), {})).toEqual([]);
    else expect(isWhole(text)).toBe(true);
  }
}

describe("with whatever foreign text, of whatever kind", () => {
  test("the card is sound, plainer or not, and mentions the requester alone", () => {
    fc.assert(
      fc.property(run, (record) => expectSound(card(record, CONTEXT), { mentions: [ADA.id] })),
      { numRuns: 400 },
    );
  });

  test("each story is sound", () => {
    fc.assert(
      fc.property(run, stories, (record, what) => {
        const mentions = what.type === "acted" || what.type === "steps" ? [] : [ADA.id];
        expectSound(threadMessage(record, what, CONTEXT), { mentions });
      }),
      RUNS,
    );
  });

  test("a list of runs is sound", () => {
    fc.assert(
      fc.property(fc.array(run, { maxLength: 30 }), (runs) =>
        expectSound(runList(runs.map(elsewhere), "of yours", linkOf), { channels: [ELSEWHERE] }),
      ),
      { numRuns: 30 },
    );
  });

  test("a card's press carries nothing that was written by anybody", () => {
    fc.assert(
      fc.property(run, (record) => {
        const { blocks, plainer = [] } = card(record, CONTEXT);
        expect(oddValues([blocks, plainer])).toEqual([]);
        for (const block of blocks.filter(({ type }) => type === "actions"))
          expect(block.block_id).toMatch(/^run:k7m2qx:[0-9a-f]{8}$/);
      }),
      RUNS,
    );
  });

  test("each page of a log is a view that Slack opens", () => {
    const pages = fc.record({ page: fc.integer({ min: -2, max: 9 }), errorsOnly: fc.boolean() });
    fc.assert(
      fc.property(run, fc.array(logLine, { maxLength: 120 }), pages, foreign, (record, lines, page, why) => {
        const place = { run: record.id, channel: "C0GENERAL", ...page };
        expectSoundView(logsView(record, place, lines));
        expectSoundView(logsLoading(record, place));
        expectSoundView(logsFailed(record, place, why));
      }),
      { numRuns: 100 },
    );
  });

  test.each(["文", "\u0007", "\u001b[31m", "😀", '"', "\\", "\n", "&", "\ud800"])(
    "a page full of long lines of %j is one too",
    (text) => {
      const lines = Array.from({ length: 40 }, () => ({
        text: text.repeat(5_000),
        source: text.repeat(99),
        isError: true,
      }));
      expectSoundView(
        logsView(runIn("ready"), { run: "x", channel: "C0", page: 0, errorsOnly: false }, lines),
      );
    },
  );

  test("each page of saved tests is sound, and its buttons hold an id or a page alone", () => {
    const entry: fc.Arbitrary<TestEntry> = fc.record({
      id: foreign.map((text) => text || "x"),
      name: foreign,
      repo: foreign,
      url: foreign,
      prompt: foreign,
    });
    const place = fc.record({
      page: fc.integer({ min: -2, max: 9 }),
      repo: optional(foreign),
      isFresh: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 25 }), place, (tests, where) => {
        const page = { ...where, ...(where.repo === undefined ? {} : { repo: where.repo.slice(0, 200) }) };
        expectSound(testList(tests, page));
      }),
      RUNS,
    );
  });

  test("the longest lists of the worst characters are sound", () => {
    const text = "&".repeat(400);
    const tests = Array.from({ length: 30 }, (_, n) => ({
      id: `${n}${text}`,
      name: text,
      repo: text,
      url: text,
      prompt: text,
    }));
    expectSound(testList(tests, { page: 1, repo: text.slice(0, 200), isFresh: false }));
    const scenarios = tests.map(({ id }) => ({
      id,
      name: text,
      description: text,
      twins: [text],
      isPreset: true,
    }));
    expectSound(scenarioList(scenarios, undefined, false));
  });

  test("a list of scenarios is sound", () => {
    const entry: fc.Arbitrary<ScenarioEntry> = fc.record({
      id: foreign,
      name: foreign,
      description: foreign,
      twins: names,
      isPreset: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 60 }),
        optional(foreign),
        fc.boolean(),
        (all, twin, isFresh) => {
          expectSound(scenarioList(all, undefined, isFresh));
          if (twin) expectSound(scenarioList(all, twin.slice(0, 100), isFresh));
        },
      ),
      RUNS,
    );
  });
});
