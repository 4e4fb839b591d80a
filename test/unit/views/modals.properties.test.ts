import type { KnownBlock, ModalView } from "@slack/types";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { validateMessage, validateView } from "../../../sim/slack/blocks/validate.ts";
import { kindNames } from "../../../src/kinds/index.ts";
import type { Week } from "../../../src/notices/week.ts";
import type { Run, ThreadEvent } from "../../../src/runs/run.ts";
import { card } from "../../../src/views/card.ts";
import { homeView } from "../../../src/views/home.ts";
import { proofComment } from "../../../src/views/proof.ts";
import { confirmModal, SAVED_NAME_MOST, saveModal, shareModal } from "../../../src/views/run-modals.ts";
import { PRESETS_MOST, settingsModal } from "../../../src/views/settings.ts";
import { notifyModal } from "../../../src/views/subscriptions.ts";
import { threadMessage } from "../../../src/views/thread-messages.ts";
import { unfurl } from "../../../src/views/unfurl.ts";
import { weekMessage } from "../../../src/views/week.ts";
import { foreign } from "../support/foreign.ts";
import { SPECS, sceneOf } from "../support/home-scenes.ts";
import { ADA, NOW, PHASE_NAMES, runIn } from "../support/runs.ts";
import { isWhole, smuggled, textObjects } from "../support/scan.ts";

/** What a run's menu opens, settings, digests, proofs: with whatever foreign text, they're ones that Slack takes. */

const RUNS = { numRuns: 120 };
const CONTEXT = { now: NOW, maxTtlMinutes: 480 };
const METADATA = JSON.stringify({ run: "k7m2qx", channel: "C0GENERAL" });

const titled: fc.Arbitrary<Run> = foreign.map((prompt) =>
  runIn("ended", { kind: "test", spec: { url: "https://shop.example.com", prompt } }),
);
const person = foreign.map((name) => ({ id: "U0BOB", name }));

function expectView(view: ModalView): void {
  expect(validateView(view)).toEqual([]);
  expect(
    smuggled({ text: "", blocks: view.blocks as KnownBlock[] }, { hosts: ["shop.example.com"] }),
  ).toEqual([]);
  expect(textObjects(view).filter(({ text }) => !isWhole(text))).toEqual([]);
}

describe("what a run's menu opens", () => {
  test("asks whether it is meant", () => {
    fc.assert(
      fc.property(titled, fc.constantFrom("lock", "reset", "teardown", "cancel"), (run, control) =>
        expectView(confirmModal(run, control, METADATA)),
      ),
      RUNS,
    );
  });

  test("asks with whom to share, and what to call a test", () => {
    fc.assert(
      fc.property(titled, (run) => {
        expectView(shareModal(run, METADATA));
        const view = saveModal(run, METADATA);
        expectView(view);
        for (const [, name = ""] of JSON.stringify(view).matchAll(/"initial_value":("(?:[^"\\]|\\.)*")/g)) {
          const words: string = JSON.parse(name);
          expect(words.length).toBeLessThanOrEqual(SAVED_NAME_MOST);
          expect(isWhole(words)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  test("has five entries at most, of every kind in every phase, and three controls stand before it", () => {
    const dashboardUrl = "https://app.argalabs.com/runs/1";
    for (const kind of kindNames)
      for (const phase of PHASE_NAMES) {
        const run = runIn(phase, {
          kind,
          spec: SPECS[kind],
          progress: { last: [], reportedKeys: [], count: 2 },
        });
        const whole = run.arga ? { ...run, arga: { ...run.arga, dashboardUrl } } : run;
        const content = card(whole, CONTEXT);
        expect(validateMessage(content)).toEqual([]);
        expect(validateMessage({ text: "x", blocks: unfurl(whole, CONTEXT, 1) })).toEqual([]);
        const elements = content.blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
        const menus = elements.filter(({ type }) => type === "overflow");
        expect(elements.length - menus.length).toBeLessThanOrEqual(3);
        expect(menus.length).toBeLessThanOrEqual(1);
        for (const menu of menus)
          expect((menu as { options: unknown[] }).options.length).toBeLessThanOrEqual(5);
      }
  });
});

describe("a person's own", () => {
  const preset = fc.record({ name: foreign, line: foreign, twins: fc.array(fc.constant("stripe")) });
  const presets = fc.array(preset, { maxLength: PRESETS_MOST });

  test("settings", () => {
    const settings = fc.record(
      {
        remindBeforeMinutes: fc.integer({ min: 1, max: 500 }),
        ttlMinutes: fc.integer({ min: 1, max: 480 }),
        end: fc.constant("message" as const),
        quiet: fc.constant({ from: "22:00", until: "08:00", zone: "Europe/Berlin" }),
        channel: fc.constant("C0GENERAL"),
        presets,
      },
      { requiredKeys: ["presets"] },
    );
    fc.assert(
      fc.property(settings, (chosen) =>
        expectView(settingsModal(chosen, { remindBeforeMs: 300_000, ttlMinutes: 60 })),
      ),
      RUNS,
    );
  });

  test("presets on Home", () => {
    const names = fc
      .array(
        fc.string({ minLength: 1, maxLength: 40 }).filter((name) => name.trim() !== ""),
        {
          maxLength: PRESETS_MOST,
        },
      )
      .map((all) => [...new Set(all)]);
    fc.assert(
      fc.property(names, (all) => {
        expect(validateView(homeView(sceneOf({ presets: all })))).toEqual([]);
      }),
      RUNS,
    );
  });
});

describe("what a channel and a thread are told", () => {
  const figures = fc.record({
    kind: fc.constantFrom(...kindNames),
    title: foreign,
    failed: fc.integer({ min: 1, max: 9 }),
    of: fc.integer({ min: 1, max: 10 }),
    meanMs: fc.integer({ min: 0, max: 10_000_000 }),
  });
  const week = fc.record({
    from: fc.constant(NOW - 1_000),
    until: fc.constant(NOW),
    kinds: fc.array(
      fc.record({ kind: fc.constantFrom(...kindNames), count: fc.integer({ min: 1, max: 1_000_000 }) }),
    ),
    passed: fc.nat(1_000),
    failed: fc.nat(1_000),
    flaky: fc.array(figures, { maxLength: 5 }),
    slowest: fc.array(figures, { maxLength: 3 }),
    twinMinutes: fc.nat(10_000_000),
  });

  test("a weekly digest, which mentions nobody", () => {
    fc.assert(
      fc.property(week, fc.nat(100), (figures, runsLeft) => {
        const content = weekMessage(figures satisfies Week, { runsLeft, runsLimit: 100 });
        expect(validateMessage(content)).toEqual([]);
        // Days without a time are the digest's own.
        const timeless = JSON.parse(
          JSON.stringify(content).replaceAll(/<!date\^\d+\^\{date_short\}\|[^<>|]*>/g, "day"),
        );
        expect(smuggled(timeless)).toEqual([]);
      }),
      RUNS,
    );
  });

  test("the form of its notifications, with a digest", () => {
    fc.assert(
      fc.property(person, (by) => {
        const digest = { team: "T0ACME", channel: "C0GENERAL", by, dueAt: NOW };
        expectView(notifyModal("C0GENERAL", { subscriptions: [], digest, trouble: undefined }));
      }),
      RUNS,
    );
  });

  test("who shared, saved and what shows a failure", () => {
    const file = fc.record({ url: fc.constant("https://shop.example.com/a.png"), name: foreign });
    const event: fc.Arbitrary<ThreadEvent> = fc.oneof(
      fc.record({
        type: fc.constant("shared" as const),
        by: person,
        with: fc.array(person, { minLength: 1, maxLength: 20 }),
      }),
      fc.record({
        type: fc.constant("acted" as const),
        action: fc.constant("save" as const),
        by: person,
        name: foreign,
      }),
      fc.record({
        type: fc.constant("proof" as const),
        files: fc.array(file, { minLength: 1, maxLength: 5 }),
      }),
    );
    fc.assert(
      fc.property(titled, event, foreign, (run, what, text) => {
        const failed = { key: "1", text, state: "failed" as const };
        const tested = { ...run, progress: { last: [], reportedKeys: [], count: 1, failed } };
        const content = threadMessage(tested, what, CONTEXT);
        const allowed = { hosts: ["shop.example.com"] };
        expect(validateMessage(content)).toEqual([]);
        expect(smuggled(content, allowed)).toEqual([]);
        if (what.type !== "proof") return;
        // What stands above pictures is text alone.
        const links = what.files.map((each) => ({ ...each, isLink: true as const }));
        const above = { text: proofComment(tested, links), blocks: [] };
        expect(validateMessage(above)).toEqual([]);
        expect(smuggled(above, allowed)).toEqual([]);
        expect(above.text).not.toContain(`<@${ADA.id}`);
      }),
      RUNS,
    );
  });
});
