import { describe, expect, test } from "vitest";
import { validateMessage } from "../../../sim/slack/blocks/validate.ts";
import { controlsOf, describeRun, kindNames } from "../../../src/kinds/index.ts";
import type { Outcome, Run, ThreadEvent } from "../../../src/runs/run.ts";
import { actions } from "../../../src/views/buttons.ts";
import { type Content, card, changesAt, hashOf, SILENCE_MS } from "../../../src/views/card.ts";
import { confirmModal } from "../../../src/views/run-modals.ts";
import { threadMessage } from "../../../src/views/thread-messages.ts";
import { SPECS } from "../support/home-scenes.ts";
import { ADA, BOB, MINUTE, NOW, newRun, PHASE_NAMES, runIn, wishOf } from "../support/runs.ts";
import { oddValues, smuggled } from "../support/scan.ts";

const CONTEXT = { now: NOW, maxTtlMinutes: 480 };
const OUTCOMES: Outcome[] = ["torn_down", "expired", "failed", "refused", "cancelled", "unknown"];
const STORIES: ThreadEvent[] = [
  { type: "ready" },
  { type: "retried", why: "warm VM unavailable <!channel>" },
  { type: "reminder", deadline: NOW + 60 * MINUTE },
  { type: "acted", action: "extend", by: BOB, deadline: NOW + 90 * MINUTE },
  { type: "acted", action: "teardown", by: BOB },
  { type: "shared", by: ADA, with: [BOB] },
  { type: "ended" },
];

const endedBy = (outcome: Outcome, why?: string): Run =>
  runIn("ended", { phase: { name: "ended", at: NOW, outcome, ...(why ? { why } : {}) } });
const shown = (content: Content): string => JSON.stringify(content);
const blockIds = (content: Content) => content.blocks.flatMap(({ block_id }) => block_id ?? []);
const actionIds = (content: Content): string[] =>
  [...shown(content).matchAll(/"action_id":"([^"]+)"/g)].map(([, id]) => id ?? "");

describe("the card", () => {
  test.each(PHASE_NAMES)("is one that Slack takes while %s", (phase) => {
    const content = card(runIn(phase), CONTEXT);
    expect(validateMessage(content)).toEqual([]);
    expect(smuggled(content, { mentions: [ADA.id] })).toEqual([]);
    expect(content.text).toContain("Stripe twin");
  });

  test.each(OUTCOMES)("tells the end apart from others: %s", (outcome) => {
    const content = card(endedBy(outcome, "Arga's words"), CONTEXT);
    expect(validateMessage(content)).toEqual([]);
    expect(shown(content)).toContain("Arga's words");
    const others = OUTCOMES.filter((other) => other !== outcome).map(
      (other) => card(endedBy(other), CONTEXT).text,
    );
    expect(others).not.toContain(content.text);
  });

  test("shows for whom, when it ends, what was asked for, and its id", () => {
    const spec = { twins: ["stripe"], ttlMinutes: 60, scenarioPrompt: "one customer", private: true };
    const all = shown(card(runIn("ready", { spec }), CONTEXT));
    for (const part of [
      `<@${ADA.id}>`,
      `<!date^${(NOW + 60 * MINUTE) / 1000}^`,
      "one customer",
      "private",
      "k7m2qx",
    ])
      expect(all).toContain(part);
  });

  test("pings nobody when it is posted: only an edit may mention", () => {
    for (const state of [{ state: "due" }, { state: "sending", since: NOW }] as const)
      expect(shown(card(newRun({ card: state }), CONTEXT))).not.toContain("<@");
  });

  test("has the run's id as the only thing that a press carries", () => {
    expect(blockIds(card(runIn("ready"), CONTEXT))).toEqual([
      expect.stringMatching(/^run:k7m2qx:[0-9a-f]{8}$/),
    ]);
    expect(oddValues(card(runIn("ready"), CONTEXT))).toEqual([]);
  });

  test("has a new id for its menu after an extension, or the same choice again would be none", () => {
    const run = runIn("ready");
    const [before] = blockIds(card(run, CONTEXT));
    expect(blockIds(card({ ...run, version: 9 }, CONTEXT))).toEqual([before]);
    const extended = { at: NOW + 61 * MINUTE, remindAt: NOW + 56 * MINUTE, reminded: false };
    expect(blockIds(card({ ...run, deadline: extended }, CONTEXT))).not.toEqual([before]);
    const isPublic = false;
    const locked = { id: "a1", status: "ready", links: [], isPublic };
    expect(blockIds(card({ ...run, arga: locked }, CONTEXT))).not.toEqual([before]);
  });

  test.each([
    ["requested", ["run.teardown"]],
    ["creating", []],
    ["starting", ["run.extend", "run.teardown", "run.more"]],
    ["ready", ["run.credentials", "run.extend", "run.teardown", "run.more"]],
    ["ending", []],
    ["ended", ["run.rerun"]],
  ] as const)("offers while %s what makes sense then", (phase, ids) => {
    expect(actionIds(card(runIn(phase), CONTEXT))).toEqual(ids);
  });

  test("what cannot be undone is asked about first", () => {
    const content = shown(card(runIn("ready"), CONTEXT));
    expect(content).toMatch(/"action_id":"run.teardown"[^[]*?"confirm":/);
    // An option can't ask by itself: a modal does.
    const asked = JSON.stringify(confirmModal(runIn("ready"), "lock", "{}"));
    expect(asked).toContain("can't be undone");
    expect(asked).toContain('"callback_id":"run_confirm"');
  });

  const everywhere = kindNames.flatMap((kind) => PHASE_NAMES.map((phase) => ({ kind, phase })));

  test.each(everywhere)(
    "has three controls in sight at most, all others in its menu: $kind, $phase",
    (each) => {
      const base = runIn(each.phase, { kind: each.kind, spec: SPECS[each.kind], ttlMinutes: 60 });
      const dashboardUrl = "https://app.argalabs.com/runs/1";
      const run = base.arga ? { ...base, arga: { ...base.arga, dashboardUrl } } : base;
      const { elements = [] } = actions(run, describeRun(run), CONTEXT) ?? {};
      const inSight = elements.filter(({ type }) => type !== "overflow");
      const menu = elements.flatMap((element) => (element.type === "overflow" ? element.options : []));
      expect(inSight.length).toBeLessThanOrEqual(3);
      expect(inSight.length + menu.length).toBe(controlsOf(run).length);
      expect(controlsOf(run)).toEqual(expect.arrayContaining(menu.map(({ value }) => value)));
    },
  );

  test("has in its menu what is seldom wanted, by its names", () => {
    const ready = runIn("ready");
    const [, , , more] = actions(ready, describeRun(ready), CONTEXT)?.elements ?? [];
    expect(more?.type === "overflow" && more.options.map(({ value }) => value)).toEqual([
      "lock",
      "reset",
      "share",
    ]);
  });

  test("says so when nothing happened for 30 seconds, and why as far as it is known", () => {
    const late = { ...CONTEXT, now: NOW + SILENCE_MS };
    expect(shown(card(runIn("creating"), CONTEXT))).not.toContain("Nothing has happened");
    expect(shown(card(runIn("creating"), late))).toContain("Nothing has happened");
    const trouble = { with: "arga" as const, text: "Arga cannot be reached", since: NOW };
    expect(shown(card(runIn("requested", { trouble }), late))).toContain("Arga cannot be reached");
    expect(shown(card(runIn("ready", { trouble }), late))).toContain("Arga cannot be reached");
    expect(shown(card(runIn("ended", { trouble }), late))).not.toContain("cannot be reached");
  });

  test("shows every link of many twins whole", () => {
    const links = Array.from({ length: 40 }, (_, n) => ({
      label: `Google Calendar ${n}`,
      url: `https://pub-r5b1c3c9e8f0a4b6e9d3d2f1a7c5e4b10--google_calendar_${n}.sandbox.argalabs.com/`,
    }));
    const run = runIn("ready", { arga: { id: "x", status: "ready", isPublic: true, links } });
    const content = card(run, CONTEXT);
    const hosts = links.map(({ url }) => new URL(url).host);
    expect(smuggled(content, { mentions: [ADA.id], hosts })).toEqual([]);
    for (const { url } of links) expect(shown(content)).toContain(`<${url}|`);
    expect(validateMessage(content)).toEqual([]);
  });

  test.each([
    "http://a b",
    "https://",
    "javascript:alert(1)",
    "https://a/\n",
    "https://[::1",
    `https://a/${"x".repeat(3_000)}`,
  ])("is posted without a dashboard button that Slack would refuse: %j", (dashboardUrl) => {
    const run = runIn("ready", { arga: { id: "x", status: "ready", links: [], dashboardUrl } });
    expect(validateMessage(card(run, CONTEXT))).toEqual([]);
  });
});

describe("the card's hash", () => {
  test("is the same for the same record and time, however it was read", () => {
    for (const phase of PHASE_NAMES) {
      const copy = JSON.parse(JSON.stringify(runIn(phase))) as Run;
      expect(hashOf(card(copy, CONTEXT))).toBe(hashOf(card(runIn(phase), CONTEXT)));
    }
  });

  test("is another one for whatever a person can see", () => {
    const changes: Partial<Run>[] = [
      {},
      { deadline: { at: NOW + 90 * MINUTE, remindAt: NOW, reminded: false } },
      { arga: { id: "x", status: "ready", links: [], isPublic: false } },
      { actionRequests: [wishOf({ at: NOW - MINUTE })] },
      { trouble: { with: "arga", text: "down", since: NOW - MINUTE } },
    ];
    const hashes = changes.map((more) => hashOf(card(runIn("ready", more), CONTEXT)));
    expect(new Set(hashes).size).toBe(changes.length);
  });

  test("is not touched by what only the machinery sees", () => {
    const more = {
      version: 9,
      taken: ["a"],
      outbox: [{ to: "thread", key: "ready", what: { type: "ready" } }],
    };
    expect(hashOf(card(runIn("ready", more as Partial<Run>), CONTEXT))).toBe(
      hashOf(card(runIn("ready"), CONTEXT)),
    );
  });

  test("changes with time alone only at the moments that the card names", () => {
    const trouble = { with: "arga" as const, text: "down", since: NOW + 7_000 };
    const run = newRun({ actionRequests: [wishOf({ at: NOW + 3_000 })], trouble });
    const at = (now: number) => hashOf(card(run, { ...CONTEXT, now }));
    const moments: number[] = [];
    for (let next = changesAt(run, NOW); next !== undefined; next = changesAt(run, next)) {
      expect(at(next - 1)).toBe(at(moments.at(-1) ?? NOW));
      moments.push(next);
    }
    expect(at(NOW + 600_000)).toBe(at(moments.at(-1) ?? NOW));
    expect(new Set([NOW, ...moments].map(at)).size).toBeGreaterThan(2);
    expect(changesAt(runIn("ended"), NOW)).toBeUndefined();
  });
});

describe("the thread", () => {
  test.each(STORIES)("$type $action is a message that Slack takes", (what) => {
    for (const phase of PHASE_NAMES) {
      const content = threadMessage(runIn(phase), what, CONTEXT);
      expect(validateMessage(content)).toEqual([]);
      expect(smuggled(content, { mentions: [ADA.id] })).toEqual([]);
    }
  });

  test.each(STORIES)("$type $action mentions the requester, except for what people did", (what) => {
    const content = shown(threadMessage(runIn("ended"), what, CONTEXT));
    expect(content.includes(`<@${ADA.id}>`)).toBe(!["acted", "retried", "shared"].includes(what.type));
    expect(content).not.toContain(`<@${BOB.id}>`);
  });

  test("the reminder has Extend and Tear down in it, under an id of its own", () => {
    const content = threadMessage(runIn("ready"), { type: "reminder", deadline: NOW }, CONTEXT);
    expect(actionIds(content)).toEqual(["run.extend", "run.teardown"]);
    expect(blockIds(content)).toEqual([expect.stringMatching(/^run:k7m2qx:1:[0-9a-f]{8}$/)]);
  });

  test("the end says which end it was, and why", () => {
    const texts = OUTCOMES.map(
      (outcome) => threadMessage(endedBy(outcome, "because"), { type: "ended" }, CONTEXT).text,
    );
    expect(new Set(texts).size).toBe(OUTCOMES.length);
    for (const text of texts) expect(text).toContain("because");
  });
});

describe("Extend", () => {
  const minutesOffered = (left: number, maxTtlMinutes = 480): number[] => {
    const run = runIn("ready", { deadline: { at: NOW + left * MINUTE, remindAt: NOW, reminded: true } });
    const [menu] =
      actions(run, { ...describeRun(run), controls: ["extend"] }, { now: NOW, maxTtlMinutes })?.elements ??
      [];
    return menu?.type === "static_select" ? (menu.options ?? []).map(({ value }) => Number(value)) : [];
  };

  test("offers nothing that would end the run sooner, or just then", () => {
    expect(minutesOffered(14)).toEqual([15, 30, 60, 120, 240, 480]);
    expect(minutesOffered(60)).toEqual([120, 240, 480]);
    expect(minutesOffered(479.9)).toEqual([480]);
    expect(minutesOffered(480)).toEqual([]);
  });

  test("offers no more than this bot allows", () => {
    expect(minutesOffered(5, 45)).toEqual([15, 30, 45]);
    expect(minutesOffered(5, 10)).toEqual([10]);
  });
});
