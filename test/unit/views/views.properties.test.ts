import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { validateMessage, validateView } from "../../../sim/slack/blocks/validate.ts";
import { describeRun } from "../../../src/kinds/index.ts";
import type { ActionRequest, Reply, Run, ThreadEvent } from "../../../src/runs/run.ts";
import { actions } from "../../../src/views/buttons.ts";
import { type Content, card, hashOf } from "../../../src/views/card.ts";
import {
  CREDENTIAL_FORMATS,
  credentials,
  credentialsFailed,
  groupName,
} from "../../../src/views/credentials.ts";
import { catalogList, runList } from "../../../src/views/lists.ts";
import { refusal, replyContent } from "../../../src/views/replies.ts";
import { threadMessage } from "../../../src/views/thread-messages.ts";
import { foreign } from "../support/foreign.ts";
import { ADA, MINUTE, NOW, PHASE_NAMES, runIn, wishOf } from "../support/runs.ts";
import { type Allowed, isWhole, oddValues, smuggled, textObjects } from "../support/scan.ts";

const HOST = "twin.example";
const address = fc.oneof(
  foreign.map((text) => `https://${HOST}/${text}`),
  foreign.map((text) => `https://${HOST}/?q=${text}`),
  foreign.map((text) => `https://${text}`).filter((url) => !URL.canParse(url)),
  fc.constantFrom(
    `https://${HOST}`,
    "http://",
    "https://[::1",
    "javascript:alert(1)",
    "data:text/html,x",
    "",
  ),
);

const arga = fc.record({
  id: fc.uuid(),
  status: foreign,
  dashboardUrl: address,
  isPublic: fc.boolean(),
  links: fc.array(fc.record({ label: foreign, url: address }), { maxLength: 40 }),
});

const wish = fc
  .record({
    action: fc.constantFrom("extend", "lock", "reset", "teardown"),
    name: foreign,
    ago: fc.nat(9_000),
  })
  .map(
    ({ action, name, ago }): ActionRequest =>
      wishOf({ action, minutes: 90, by: { id: "U0BOB", name }, at: NOW - ago }),
  );

const spec = fc.record({
  twins: fc.array(foreign, { minLength: 1, maxLength: 40 }),
  ttlMinutes: fc.integer({ min: 1, max: 480 }),
  scenarioId: foreign,
  scenarioPrompt: foreign,
});

const outcome = fc.constantFrom("torn_down", "expired", "failed", "refused", "cancelled", "unknown");

const run: fc.Arbitrary<Run> = fc
  .record({
    phase: fc.constantFrom(...PHASE_NAMES),
    isPosted: fc.boolean(),
    end: fc.record({ outcome, why: foreign }),
    minutes: fc.integer({ min: -10, max: 500 }),
    name: foreign,
    trouble: fc.record({
      with: fc.constantFrom("arga", "slack"),
      text: foreign,
      since: fc.constant(NOW - MINUTE),
    }),
    arga,
    spec,
    wishes: fc.array(wish, { maxLength: 12 }),
  })
  .map(({ phase, isPosted, end, minutes, name, ...rest }) => {
    const plain = runIn(phase, {
      ...rest,
      requester: { ...ADA, name },
      requestedAt: NOW - MINUTE,
      deadline: { at: NOW + minutes * MINUTE, remindAt: NOW, reminded: false },
    });
    const card = isPosted ? plain.card : ({ state: "due" } as const);
    return phase === "ended"
      ? { ...plain, card, phase: { name: phase, at: NOW, ...end } }
      : { ...plain, card };
  });

const stories: fc.Arbitrary<ThreadEvent> = fc.oneof(
  fc.constantFrom<ThreadEvent>({ type: "ready" }, { type: "reminder", deadline: NOW }, { type: "ended" }),
  foreign.map(
    (name): ThreadEvent => ({ type: "acted", action: "extend", by: { id: "U0BOB", name }, deadline: NOW }),
  ),
);

const answers: fc.Arbitrary<Reply> = fc.oneof(
  foreign.map((why): Reply => ({ type: "rejected", why, tryThis: "/arga twins stripe 60" })),
  foreign.map((why): Reply => ({ type: "not_done", action: "lock", why })),
  foreign.map((why): Reply => ({ type: "card_delayed", why })),
  fc.constantFrom<Reply>(
    { type: "done", action: "extend", deadline: NOW },
    { type: "unclear", action: "reset" },
  ),
);

const CONTEXT = { now: NOW, maxTtlMinutes: 480 };
const RUNS = { numRuns: 150 };

/** What holds for every message of ours. */
function expectSound(content: Content, allowed: Allowed = {}): void {
  expect(smuggled(content, { hosts: [HOST], ...allowed })).toEqual([]);
  expect(validateMessage(content)).toEqual([]);
  expect(content.text.trim()).not.toBe("");
  expect(content.text.length).toBeLessThanOrEqual(4_000);
}

describe("with whatever foreign text", () => {
  test("the card is sound, mentions the requester alone, and only once it is posted", () => {
    fc.assert(
      fc.property(run, (record) => {
        const mentions = record.card.state === "posted" ? [ADA.id] : [];
        expectSound(card(record, CONTEXT), { mentions });
      }),
      RUNS,
    );
  });

  test("each story is sound, and mentions the requester alone, when it is ready, ends soon or ended", () => {
    fc.assert(
      fc.property(run, stories, (record, what) => {
        expectSound(threadMessage(record, what, CONTEXT), {
          mentions: what.type === "acted" ? [] : [ADA.id],
        });
      }),
      RUNS,
    );
  });

  test("each answer to one person is sound and mentions nobody", () => {
    fc.assert(
      fc.property(run, answers, (record, what) => expectSound(replyContent(record, what))),
      RUNS,
    );
  });

  test("a refusal is sound, with an example or without", () => {
    fc.assert(
      fc.property(foreign, fc.option(foreign, { nil: undefined }), (why, example) => {
        fc.pre(why.trim() !== "");
        expectSound(refusal(why, example));
      }),
      RUNS,
    );
  });

  test("lists are sound", () => {
    const twin = fc.record({ name: foreign, kind: foreign, label: foreign });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 30 }), fc.array(twin, { maxLength: 60 }), (runs, twins) => {
        const elsewhere = runs.map((each) => ({ ...each, channel: "C0ELSEWHERE" }));
        expectSound(runList(elsewhere, "in this channel"), { channels: ["C0ELSEWHERE"] });
        expectSound(catalogList(twins, false));
      }),
      { numRuns: 40 },
    );
  });

  test("credentials are a view that Slack opens", () => {
    const row = fc.record({ name: foreign, value: foreign });
    const group = fc.record({
      title: foreign,
      facts: fc.array(row, { maxLength: 3 }),
      variables: fc.array(row, { maxLength: 8 }),
    });
    fc.assert(
      fc.property(fc.array(group, { maxLength: 40 }), foreign, (groups, why) => {
        const place = { run: "k7m2qx", channel: "C0GENERAL" };
        const picked = groups.slice(1).map(groupName);
        const chosen = CREDENTIAL_FORMATS.map((format) => credentials(place, groups, { format, picked }));
        for (const view of [credentials(place, groups), ...chosen, credentialsFailed(place, why)]) {
          expect(validateView(view)).toEqual([]);
          expect(textObjects(view).filter(({ text }) => !isWhole(text))).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("whatever the record", () => {
  test("Extend never offers what would end the run sooner, nor more than is allowed", () => {
    const limit = fc.integer({ min: 1, max: 480 });
    fc.assert(
      fc.property(run, limit, fc.integer({ min: 0, max: 600 * MINUTE }), (record, maxTtlMinutes, passed) => {
        const now = NOW - 10 * MINUTE + passed;
        const [menu] =
          actions(record, { ...describeRun(record), controls: ["extend"] }, { now, maxTtlMinutes }, 1)
            ?.elements ?? [];
        const options = menu?.type === "static_select" ? (menu.options ?? []) : [];
        for (const { value } of options) {
          expect(now + Number(value) * MINUTE).toBeGreaterThan(record.deadline?.at ?? 0);
          expect(Number(value)).toBeLessThanOrEqual(maxTtlMinutes);
        }
      }),
    );
  });

  test("a press carries the run's id and nothing else that was written by anybody", () => {
    fc.assert(
      fc.property(run, stories, (record, what) => {
        const sent = [...card(record, CONTEXT).blocks, ...threadMessage(record, what, CONTEXT).blocks];
        for (const block of sent.filter(({ type }) => type === "actions"))
          expect(block.block_id).toMatch(/^run:k7m2qx(:\d+)?:[0-9a-f]{8}$/);
        expect(oddValues(sent)).toEqual([]);
      }),
      RUNS,
    );
  });

  test("the same record has the same hash", () => {
    fc.assert(
      fc.property(run, (record) => {
        expect(hashOf(card(structuredClone(record), CONTEXT))).toBe(hashOf(card(record, CONTEXT)));
      }),
      RUNS,
    );
  });
});
