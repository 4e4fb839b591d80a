import fc from "fast-check";
import { kindNames } from "../../../src/kinds/index.ts";
import type { Subscription } from "../../../src/notices/notices.ts";
import { EVENTS, type Kind, type PhaseName, type Run } from "../../../src/runs/run.ts";
import type { HomeData } from "../../../src/views/home-scene.ts";
import { plain } from "../../../src/views/text.ts";
import { ADA, BOB, MINUTE, NOW, PHASE_NAMES, runIn, wishOf } from "./runs.ts";

/** What a Home may have to show, for tests of how it looks. */

/** Ada's, with nothing in it; whatever else is wanted goes on top. */
export const sceneOf = (more: Partial<HomeData> = {}): HomeData => ({
  now: NOW,
  maxTtlMinutes: 480,
  user: ADA.id,
  pages: { mine: 0, others: 0, recent: 0, tests: 0, subscriptions: 0 },
  presets: [],
  filter: "all",
  mine: [],
  others: [],
  recent: [],
  tests: { value: [], isFresh: true },
  plan: { value: {}, isFresh: true },
  subscriptions: [],
  connections: { arga: { at: NOW }, redisMs: 1 },
  said: [],
  cardLink: ({ id }) => `https://acme.slack.com/archives/C0GENERAL/p${id}`,
  ...more,
});

/** What was asked of each kind of run. */
export const SPECS: Record<Kind, unknown> = {
  twin: { twins: ["stripe", "slack"], ttlMinutes: 60 },
  test: { url: "https://shop.example.com", prompt: "add a mug, check out", twins: [], saved: undefined },
  sandbox: { repo: "acme/shop", branch: "main", twins: ["stripe"], ttlMinutes: 60 },
  url: { url: "https://shop.example.com", prompt: "open it", twins: [] },
  pr: { repo: "acme/shop", branch: "main", twins: [] },
  agent: { repo: "acme/shop", branch: "main", twins: [] },
};

const letters = "abcdefghjkmnpqrstuvwxyz";
/** A short id, another for each number. */
export const idOf = (n: number): string =>
  `r${[...String(n).padStart(5, "0")].map((digit) => letters[Number(digit)]).join("")}`;

const NASTY = [
  "<!channel>",
  "<@U0BOB>",
  "<http://evil.example|https://app.argalabs.com>",
  "&lt;!here&gt;",
  "&&&&&&&&&&&&",
  "<<<<>>>>",
  "@here",
  "`@channel`",
  "*_~`",
  "\n> quoted\n",
  "\u202egnp.exe",
  "👩‍👩‍👧‍👦",
  "שלום",
  "漢字漢字漢字",
  "\ud800",
  "\u0000\u0007",
  " ",
  "plain words ",
];
/** Foreign text: none, short, or 5,000 characters of the worst. */
const foreign = fc
  .tuple(fc.array(fc.constantFrom(...NASTY), { maxLength: 8 }), fc.constantFrom(1, 1, 2_000))
  .map(([parts, times]) => parts.join("").repeat(times).slice(0, 5_000));

const PHASES: readonly PhaseName[] = PHASE_NAMES;

/** Any run of any kind, in any phase; its id is given to it where it is listed. */
export const anyRun: fc.Arbitrary<Run> = fc
  .record({
    phase: fc.constantFrom(...PHASES),
    kind: fc.constantFrom(...kindNames),
    isReadable: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
    name: foreign,
    isMine: fc.boolean(),
    minutes: fc.integer({ min: -10, max: 500 }),
    text: foreign,
    url: fc.constantFrom("https://twin.example/x", "javascript:alert(1)", ""),
    wishes: fc.nat(12),
    outcome: fc.constantFrom("passed", "failed", "torn_down", "unknown", "lost", "refused"),
    channel: fc.constantFrom("C0GENERAL", "D0ADA", "G0SECRET", "", "<!channel>"),
  })
  .map(({ phase, kind, isReadable, name, isMine, minutes, text, url, wishes, outcome, channel }) => {
    const run = runIn(phase, {
      kind,
      channel,
      spec: isReadable ? SPECS[kind] : { nothing: text },
      requester: { ...(isMine ? ADA : BOB), name },
      ...(kind === "twin" || kind === "sandbox" ? { ttlMinutes: 60 } : {}),
      arga: { id: "a", status: text, isPublic: true, links: [{ label: text, url }], dashboardUrl: url },
      deadline: { at: NOW + minutes * MINUTE, remindAt: NOW, reminded: false },
      ...(text.length > 9 ? { trouble: { with: "slack" as const, text, since: NOW } } : {}),
      actionRequests: Array.from({ length: wishes }, (_, n) =>
        wishOf({ key: `w${n}`, by: { id: "U1", name: text } }),
      ),
      progress: {
        last: [],
        reportedKeys: [],
        count: wishes,
        total: 12,
        failed: { key: "s", text, state: "failed", detail: text },
      },
      tookMs: 34_000,
    });
    return phase === "ended"
      ? { ...run, phase: { name: phase, at: NOW - MINUTE, outcome, why: text } as Run["phase"] }
      : run;
  });

const test = fc.record({
  id: fc.oneof(foreign, fc.constant("same"), fc.uuid()),
  name: foreign,
  repo: foreign,
  url: foreign,
  prompt: foreign,
});

const subscription: fc.Arbitrary<Subscription> = fc.record({
  id: fc.nat(20),
  team: fc.constant("T0ACME"),
  channel: fc.constantFrom("C0GENERAL", "D1", "<!channel>"),
  by: foreign.map((name) => ({ id: BOB.id, name })),
  at: fc.constant(NOW),
  events: fc.subarray([...EVENTS], { minLength: 1 }),
  kinds: fc.subarray([...kindNames]),
  repo: foreign,
});

const listed = (runs: readonly Run[], from: number): Run[] =>
  runs.map((run, n) => ({ ...run, id: idOf(from + n) }));

const seen = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<{ value: T; isFresh: boolean } | undefined> =>
  fc.option(fc.record({ value, isFresh: fc.boolean() }), { nil: undefined });

const page = fc.constantFrom(0, 0, 1, 7, 9_999, -1, Number.NaN);
const MANY = { maxLength: 300, size: "max" } as const;
/** A few different runs make hundreds. */
const runs = fc
  .tuple(fc.array(anyRun, { minLength: 1, maxLength: 12 }), fc.constantFrom(0, 1, 8, 300))
  .map(([some, count]) => Array.from({ length: count }, (_, n) => some[n % some.length] as Run));

/** Any Home, with hundreds of whatever. */
export const anyScene: fc.Arbitrary<HomeData> = fc
  .record({
    mine: runs,
    others: runs,
    recent: runs,
    tests: seen(fc.array(test, { ...MANY, maxLength: 40 })),
    plan: seen(
      fc.record({ name: foreign, runsLeft: fc.integer(), runsLimit: fc.nat(), maxTtlMinutes: fc.nat() }),
    ),
    subscriptions: fc.array(subscription, { ...MANY, maxLength: 40 }),
    pages: fc.record({ mine: page, others: page, recent: page, tests: page, subscriptions: page }),
    trouble: fc.option(foreign),
    said: fc.array(
      foreign.map((text) => ({ type: "section" as const, text: plain(text, 3_000) })),
      { maxLength: 9 },
    ),
  })
  .map(({ mine, others, recent, trouble, ...rest }) =>
    sceneOf({
      ...rest,
      mine: listed(mine, 0),
      others: listed(others, 1_000),
      recent: listed(recent, 2_000),
      connections: {
        arga: trouble === null ? undefined : { at: NOW, trouble: { why: trouble, since: NOW } },
        redisMs: 900,
      },
    }),
  );
