import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { validateMessage, validateView } from "../../../sim/slack/blocks/validate.ts";
import { kindNames } from "../../../src/kinds/index.ts";
import type { Batch, Notice, Subscription } from "../../../src/notices/notices.ts";
import { EVENTS, type Outcome } from "../../../src/runs/run.ts";
import { noticeMessage } from "../../../src/views/notices.ts";
import {
  notifyModal,
  sampleOnItsWay,
  subscribedTo,
  subscriptionList,
  unsubscribedFrom,
} from "../../../src/views/subscriptions.ts";
import { ADA, MINUTE, NOW } from "../support/runs.ts";
import { smuggled } from "../support/scan.ts";

const OUTCOMES: Outcome[] = ["passed", "torn_down", "expired", "failed", "cancelled", "lost"];
const LINK = "https://acme.slack.com/archives/C0GENERAL/p1234";
const HOSTS = { hosts: ["acme.slack.com"] };

/** What a person, or Arga, could write to do harm. */
const piece = fc.oneof(
  fc.constantFrom(
    "<!channel>",
    "<@U0ADA>",
    "@here",
    "<http://evil.example|x>",
    "`",
    "```",
    "*",
    "_",
    "&",
    "<",
  ),
  fc.constantFrom("\n> quote", "\u202egnp", "😀", "\ud83d", "plain words "),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const foreign = fc
  .tuple(fc.array(piece, { maxLength: 8 }), fc.constantFrom(1, 1, 40))
  .map(([parts, times]) => `x${parts.join("").repeat(times)}`.slice(0, 2_000));

const notice: fc.Arbitrary<Notice> = fc
  .record({
    event: fc.constantFrom(...EVENTS),
    kind: fc.constantFrom(...kindNames),
    outcome: fc.constantFrom(...OUTCOMES),
    title: foreign,
    why: fc.option(foreign, { nil: undefined }),
    repo: fc.option(foreign, { nil: undefined }),
    name: foreign,
    dashboardUrl: fc.oneof(
      fc.constantFrom("https://app.argalabs.com/runs/a", "javascript:alert(1)", "", "https://"),
      foreign.map((text) => `https://app.argalabs.com/${text}`),
    ),
    link: fc.constantFrom(LINK, undefined),
    tookMs: fc.option(fc.nat(10 * 3600_000), { nil: undefined }),
    late: fc.nat(10 * MINUTE),
    is: fc.constantFrom({}, { elsewhere: true as const }, { sample: true as const }),
  })
  .map(({ name, late, is, ...rest }) => ({
    run: "k7m2qx",
    key: "notice:x",
    at: NOW - late,
    endsAt: NOW,
    requester: { id: "U0BOB", name },
    ...(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as typeof rest),
    ...is,
  }))
  .map((made) => made as Notice);

const batchOf = (notices: Notice[], more = 0): Batch => {
  const counts: Batch["counts"] = { completed: more };
  for (const { event } of notices) counts[event] = (counts[event] ?? 0) + 1;
  return { key: "k", notices, counts };
};

const subscription: fc.Arbitrary<Subscription> = fc
  .record({
    id: fc.integer({ min: 1, max: 20 }),
    events: fc.subarray([...EVENTS], { minLength: 1 }),
    kinds: fc.subarray([...kindNames]),
    name: foreign,
    more: fc.constantFrom({}, { repo: "acme/shop" }, { mine: ADA.id }, { all: true as const }),
  })
  .map(({ name, more, ...rest }) => ({
    ...rest,
    ...more,
    team: "T0ACME",
    channel: "C0GENERAL",
    by: { id: ADA.id, name },
    at: NOW,
  }));
const trouble = fc.option(
  fc.constantFrom("not_in_channel", "is_archived", "a_new_word").map((error) => ({ error, at: NOW })),
  { nil: undefined },
);

describe("whatever people and Arga write", () => {
  test("a notice is one that Slack takes, and pings and links nothing of theirs", () => {
    fc.assert(
      fc.property(notice, (one) => {
        const content = noticeMessage(batchOf([one]), NOW);
        expect(validateMessage(content)).toEqual([]);
        expect(smuggled(content, HOSTS)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("so is a digest, however long", () => {
    fc.assert(
      fc.property(fc.array(notice, { minLength: 4, maxLength: 50 }), fc.nat(400), (many, more) => {
        const content = noticeMessage(batchOf(many, more), NOW);
        expect(validateMessage(content)).toEqual([]);
        expect(smuggled(content, HOSTS)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("so is all that is said of subscriptions, and the form", () => {
    fc.assert(
      fc.property(fc.array(subscription, { minLength: 1, maxLength: 20 }), trouble, (subscriptions, why) => {
        const all = { subscriptions, trouble: why };
        const [first] = subscriptions;
        const contents = [
          subscriptionList(all),
          sampleOnItsWay(all),
          unsubscribedFrom(subscriptions),
          ...(first ? [subscribedTo(first, true, why)] : []),
        ];
        for (const content of contents) {
          expect(validateMessage(content)).toEqual([]);
          expect(smuggled(content)).toEqual([]);
        }
        expect(validateView(notifyModal("C0GENERAL", all, "Added"))).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });
});

const one: Notice = {
  run: "k7m2qx",
  key: "notice:completed",
  kind: "test",
  event: "completed",
  title: "Login works",
  outcome: "passed",
  at: NOW,
};
const shown = (more: Partial<Notice>, now = NOW): string =>
  JSON.stringify(noticeMessage(batchOf([{ ...one, ...more }]), now));

describe("a notice says", () => {
  test.each<[string, Partial<Notice>, string]>([
    ["that it passed", {}, "*Login works* — passed"],
    ["that it expired", { outcome: "expired" }, "expired"],
    ["that it is ready, and until when", { event: "ready", endsAt: NOW }, "ready until <!date^"],
    ["when it ends", { event: "expiring", endsAt: NOW }, "ends <!date^"],
    ["how long it took", { tookMs: 34_000 }, "took 34 s"],
    ["that it failed before", { previous: "failed" }, "last time: failed"],
    ["of which repository it is", { repo: "acme/shop" }, "acme/shop"],
    ["that it was started elsewhere", { elsewhere: true }, "started elsewhere"],
  ])("%s", (_, more, words) => {
    expect(shown(more)).toContain(words);
  });

  test("when it was, if it comes late", () => {
    expect(shown({}, NOW + MINUTE)).not.toContain("<!date^");
    expect(shown({}, NOW + 60 * MINUTE)).toContain(`<!date^${NOW / 1000}^`);
  });

  test("nothing of a former run that went as well", () => {
    expect(shown({ previous: "passed" })).not.toContain("last time");
  });
});
