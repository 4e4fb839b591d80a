import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kindNames } from "../../../src/kinds/index.ts";
import {
  conflictOf,
  type Filters,
  isSame,
  type Notice,
  noticeOf,
  noticeOfListedRun,
  SUBSCRIPTIONS_LIMIT,
  type Subscription,
  subscribed,
  wants,
} from "../../../src/notices/notices.ts";
import { EVENTS, type Run } from "../../../src/runs/run.ts";
import { ADA, BOB, MINUTE, NOW, runIn } from "../support/runs.ts";

const subscription = (more: Partial<Subscription> = {}): Subscription => ({
  id: 1,
  team: "T0ACME",
  channel: "C0GENERAL",
  events: ["completed", "failed"],
  kinds: [],
  by: ADA,
  at: NOW,
  ...more,
});

const FAILED = { key: "notice:failed", what: { type: "event", event: "failed" } } as const;
const failedRun = (more: Partial<Run> = {}): Run =>
  runIn("ended", { phase: { name: "ended", at: NOW, outcome: "failed", why: "no capacity" }, ...more });
const failed = (more: Partial<Notice> = {}): Notice => ({ ...noticeOf(failedRun(), FAILED), ...more });
const elsewhere = (more: Partial<Notice> = {}): Notice => ({
  run: "5b1c3c9e",
  key: "notice:failed",
  kind: "test",
  event: "failed",
  title: "Login works",
  outcome: "failed",
  at: NOW + 1,
  elsewhere: true,
  ...more,
});

describe("a notice", () => {
  test("says all of a run that its message needs, and no secret", () => {
    const run = failedRun({
      tookMs: 5 * MINUTE,
      previous: { id: "other2", outcome: "torn_down" },
      arga: { id: "a", status: "failed", links: [], dashboardUrl: "https://app.argalabs.com/runs/a" },
    });
    expect(noticeOf(run, FAILED)).toEqual({
      run: "k7m2qx",
      key: "notice:failed",
      kind: "twin",
      event: "failed",
      title: "Stripe twin",
      outcome: "failed",
      why: "no capacity",
      tookMs: 5 * MINUTE,
      previous: "torn_down",
      requester: ADA,
      channel: "C0GENERAL",
      dashboardUrl: "https://app.argalabs.com/runs/a",
      at: NOW,
    });
  });

  test("names the step that failed where Arga gives no reason", () => {
    const step = { key: "s1", text: "Pay", state: "failed" as const, detail: "card declined" };
    const progress = { last: [step], reportedKeys: [], count: 1, failed: step };
    const phase = { name: "ended", at: NOW, outcome: "failed" } as const;
    expect(noticeOf(runIn("ended", { phase, progress }), FAILED).why).toBe("Pay: card declined");
  });

  test("of a run that goes on says when it ends", () => {
    const what = { type: "event", event: "expiring" } as const;
    expect(noticeOf(runIn("ready"), { key: "notice:expiring:1", what })).toMatchObject({
      event: "expiring",
      endsAt: NOW + 60 * MINUTE,
    });
  });

  test("keeps foreign words short", () => {
    const phase = { name: "ended", at: NOW, outcome: "failed", why: "x".repeat(5_000) } as const;
    expect(noticeOf(runIn("ended", { phase }), FAILED).why).toHaveLength(500);
  });

  test("keeps a long title short, and says what it belongs to", () => {
    const spec = { repo: "acme/shop", branch: "b".repeat(300) };
    const what = { type: "event", event: "ready" } as const;
    const { title, ...rest } = noticeOf(
      runIn("ready", { kind: "sandbox", spec: { ...spec, ttlMinutes: 60 }, hidden: true }),
      {
        key: "notice:ready",
        what,
      },
    );
    expect(title).toHaveLength(200);
    expect(rest).toMatchObject({ hidden: true, repo: "acme/shop", at: NOW });
    expect(rest).not.toHaveProperty("dashboardUrl");
    const { arga: _, ...none } = runIn("ready");
    expect(noticeOf(none, { key: "notice:ready", what })).not.toHaveProperty("dashboardUrl");
    expect(noticeOf(none, { key: "notice:ready", what })).not.toHaveProperty("hidden");
    const asked = runIn("requested", { requestedAt: NOW - 7 });
    expect(noticeOf(asked, { key: "notice:ready", what }).at).toBe(NOW - 7);
  });

  test("of a run elsewhere has no more than the list says of it", () => {
    const arga = { status: "failed", links: [], dashboardUrl: "https://app.argalabs.com/runs/t1" };
    const listed = { id: "t1", title: "t".repeat(300), changedAt: NOW, isBrief: false };
    expect(
      noticeOfListedRun("test", { ...listed, seen: { state: "ended", arga, tookMs: 7, why: "secret" } }),
    ).toEqual({
      run: "t1",
      key: "notice:failed",
      kind: "test",
      event: "failed",
      title: "t".repeat(200),
      outcome: "failed",
      tookMs: 7,
      dashboardUrl: "https://app.argalabs.com/runs/t1",
      at: NOW,
      elsewhere: true,
    });
  });

  test("of a run that was started elsewhere is made of what the list says", () => {
    const seen = { state: "ended", outcome: "passed", arga: { status: "complete", links: [] } } as const;
    const listed = { id: "t1", title: "Login works", changedAt: NOW, isBrief: false };
    expect(
      noticeOfListedRun("test", { ...listed, seen: { ...seen, arga: { status: "complete", links: [] } } }),
    ).toMatchObject({ run: "t1", event: "completed", outcome: "passed", at: NOW, elsewhere: true });
  });

  test("there is none of a run that goes on elsewhere, or that changed nobody knows when", () => {
    const arga = { status: "running", links: [] };
    const listed = { id: "t1", title: "Login works", isBrief: false };
    expect(
      noticeOfListedRun("test", { ...listed, changedAt: NOW, seen: { state: "running", arga } }),
    ).toBeUndefined();
    expect(noticeOfListedRun("test", { ...listed, seen: { state: "ended", arga } })).toBeUndefined();
  });
});

describe("a subscription wants", () => {
  const table: [string, boolean, Partial<Subscription>, Notice][] = [
    ["the events it names", true, {}, failed()],
    ["no others", false, { events: ["ready"] }, failed()],
    ["every kind if it names none", true, { kinds: [] }, failed()],
    ["the kinds it names", true, { kinds: ["test", "twin"] }, failed()],
    ["no other kinds", false, { kinds: ["test"] }, failed()],
    ["its repository, however it is written", true, { repo: "ACME/Shop" }, failed({ repo: "acme/shop" })],
    ["no other repository", false, { repo: "acme/shop" }, failed({ repo: "acme/shop2" })],
    ["nothing without a repository if it names one", false, { repo: "acme/shop" }, failed()],
    ["its owner's runs", true, { mine: ADA.id }, failed()],
    ["nobody else's if it is one's own", false, { mine: BOB.id }, failed()],
    ["runs of other channels", true, { channel: "C0OTHER" }, failed()],
    ["hidden runs in their own channel", true, {}, failed({ hidden: true })],
    ["hidden runs nowhere else", false, { channel: "C0OTHER" }, failed({ hidden: true })],
    [
      "hidden runs nowhere else, with --all",
      false,
      { channel: "C0OTHER", all: true },
      failed({ hidden: true }),
    ],
    ["runs that were started elsewhere with --all", true, { all: true }, elsewhere()],
    ["none of those without", false, {}, elsewhere()],
    ["no run that ended elsewhere before", false, { all: true }, elsewhere({ at: NOW })],
    ["no run of nobody knows whom as one's own", false, { all: true, mine: ADA.id }, elsewhere()],
    ["its own runs with --all too", true, { all: true }, failed({ at: NOW - MINUTE })],
  ];
  test.each(table)("%s: %s", (_, expected, more, notice) => {
    expect(wants(subscription(more), notice)).toBe(expected);
  });

  const filters = fc.record({
    events: fc.subarray([...EVENTS], { minLength: 1 }),
    kinds: fc.subarray([...kindNames]),
    all: fc.constantFrom(undefined, true as const),
    repo: fc.constantFrom(undefined, "acme/shop", "acme/api"),
    mine: fc.constantFrom(undefined, ADA.id, BOB.id),
    channel: fc.constantFrom("C0GENERAL", "C0OTHER"),
  });
  const notices = fc.record({
    event: fc.constantFrom(...EVENTS),
    kind: fc.constantFrom(...kindNames),
    repo: fc.constantFrom(undefined, "ACME/shop", "acme/api"),
    hidden: fc.constantFrom(undefined, true as const),
    requester: fc.constantFrom(ADA, BOB),
    channel: fc.constantFrom("C0GENERAL", "C0OTHER"),
  });

  test("never a hidden run of another channel, whatever its filters", () => {
    fc.assert(
      fc.property(filters, notices, (more, of) => {
        const notice = failed(defined(of));
        if (!notice.hidden || notice.channel === more.channel) return;
        expect(wants(subscription(defined(more)), notice)).toBe(false);
      }),
    );
  });

  test("no more when a filter is added", () => {
    fc.assert(
      fc.property(filters, notices, (more, of) => {
        const notice = failed(defined(of));
        const { repo: _, mine: __, ...open } = defined(more);
        if (wants(subscription(defined(more)), notice))
          expect(wants(subscription({ ...open, kinds: [] }), notice)).toBe(true);
      }),
    );
  });
});

const defined = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

describe("a channel's subscriptions", () => {
  const wanted = (more: Partial<Subscription> = {}): Omit<Subscription, "id"> => {
    const { id: _, ...rest } = subscription(more);
    return rest;
  };
  const several = (count: number): readonly Subscription[] =>
    Array.from({ length: count }, (_, n) => wanted({ repo: `acme/repo${n}` })).reduce(
      (list: readonly Subscription[], next) => subscribed(list, next),
      [],
    );

  test("are numbered from 1, and the smallest free number is used again", () => {
    const three = several(3);
    expect(three.map(({ id }) => id)).toEqual([1, 2, 3]);
    const without = three.filter(({ id }) => id !== 2);
    expect(subscribed(without, wanted()).map(({ id, repo }) => [id, repo])).toEqual([
      [1, "acme/repo0"],
      [2, undefined],
      [3, "acme/repo2"],
    ]);
  });

  test("are not doubled by the same filters in another order, of another person", () => {
    const one = subscribed([], wanted({ events: ["completed", "failed"], kinds: ["twin", "test"] }));
    const again = wanted({ events: ["failed", "completed"], kinds: ["test", "twin"], by: BOB, at: NOW + 1 });
    expect(subscribed(one, again)).toBe(one);
  });

  test.each<Partial<Filters>>([
    { events: ["failed"] },
    { kinds: ["twin"] },
    { repo: "acme/shop" },
    { mine: ADA.id },
    { all: true },
  ])("differ by %j", (more) => {
    expect(isSame(subscription(), subscription(more))).toBe(false);
  });

  test("are no more than the limit", () => {
    const full = several(SUBSCRIPTIONS_LIMIT);
    expect(full).toHaveLength(SUBSCRIPTIONS_LIMIT);
    expect(subscribed(full, wanted())).toBe(full);
  });
});

describe("filters that would let nothing pass", () => {
  test.each<[string, Partial<Filters>, string]>([
    ["a repository of twins", { kinds: ["twin"], repo: "a/b" }, "repo"],
    ["tests that are ready", { kinds: ["test", "url"], events: ["ready", "expiring"] }, "events"],
    ["one's own of elsewhere", { all: true, mine: ADA.id }, "only"],
    ["a repository elsewhere", { all: true, repo: "a/b" }, "repo"],
    ["twins elsewhere", { all: true, kinds: ["twin"] }, "kinds"],
    ["ready elsewhere", { all: true, events: ["ready"] }, "events"],
  ])("%s", (_, more, field) => {
    expect(conflictOf({ events: ["failed"], kinds: [], ...more })?.field).toBe(field);
  });

  test("are refused with what there is", () => {
    const why = (more: Partial<Filters>): string | undefined =>
      conflictOf({ events: ["failed"], kinds: [], all: true, ...more })?.why;
    expect(why({ mine: ADA.id })).toBe(
      "I can't tell who started a run elsewhere. Choose either your own runs or all of them.",
    );
    expect(why({ repo: "a/b" })).toBe("I can't tell which repository a run started elsewhere belongs to.");
    expect(why({ kinds: ["twin", "pr"] })).toBe("Of runs started elsewhere, I only see the kind test run.");
    expect(why({ events: ["ready", "expiring"] })).toBe(
      "Of runs started elsewhere, I only see how they end.",
    );
  });

  test.each<Partial<Filters>>([
    {},
    { kinds: ["twin", "pr"], repo: "a/b" },
    { events: ["ready"] },
    { kinds: ["test"], events: ["ready", "failed"] },
    { all: true, kinds: ["test", "twin"] },
    { all: true, events: ["ready", "failed"] },
  ])("are not %j", (more) => {
    expect(conflictOf({ events: ["failed"], kinds: [], ...more })).toBeUndefined();
  });
});
