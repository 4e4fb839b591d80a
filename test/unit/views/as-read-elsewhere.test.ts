import { expect, test } from "vitest";
import { grammars } from "../../../src/handlers/commands/index.ts";
import { kindNames } from "../../../src/kinds/index.ts";
import type { Batch, Notice, Subscription } from "../../../src/notices/notices.ts";
import { type Action, EVENTS, type Outcome, type Reply, type Run } from "../../../src/runs/run.ts";
import { credentials, credentialsFailed, credentialsLoading } from "../../../src/views/credentials.ts";
import { doctorReport } from "../../../src/views/doctor.ts";
import { sandboxForm, testForm, twinsForm, validateForm } from "../../../src/views/forms.ts";
import { helpAll, helpOne, helpShort, helpWithForm, inThread, withButton } from "../../../src/views/help.ts";
import { homeDown, homeView } from "../../../src/views/home.ts";
import { catalogList, runList } from "../../../src/views/lists.ts";
import { logsFailed, logsLoading, logsView } from "../../../src/views/logs.ts";
import { noticeMessage } from "../../../src/views/notices.ts";
import { PRESET_IS_GONE, RUN_IS_GONE, refusal, replyContent } from "../../../src/views/replies.ts";
import { confirmModal, saveModal, shareModal } from "../../../src/views/run-modals.ts";
import { settingsModal } from "../../../src/views/settings.ts";
import {
  notifyModal,
  sampleOnItsWay,
  subscribedTo,
  subscriptionList,
  unsubscribedFrom,
} from "../../../src/views/subscriptions.ts";
import { scenarioList, testList } from "../../../src/views/tests.ts";
import { unfurl } from "../../../src/views/unfurl.ts";
import { digestOff, digestOn, weekMessage } from "../../../src/views/week.ts";
import { greeting, invited, welcome } from "../../../src/views/welcome.ts";
import { idOf, SPECS, sceneOf } from "../support/home-scenes.ts";
import { scenes } from "../support/rendered.ts";
import { ADA, BOB, MINUTE, NOW, PHASE_NAMES, runIn, wishOf } from "../support/runs.ts";

/**
 * What people read besides cards and threads, whole and word for word, as `__snapshots__/*.txt` has it: Homes, answers,
 * notices, lists, forms and other windows.
 */

type Scenes = Parameters<typeof scenes>[0];

const BOT = "U0BOT";
const CONTEXT = { now: NOW, maxTtlMinutes: 480 };
const MINUTES_60 = { at: NOW + 60 * MINUTE, remindAt: NOW, reminded: false };
const CARD_URL = "https://acme.slack.com/archives/C0GENERAL/p1";
const DASHBOARD = "https://app.argalabs.com/runs/1";

const TESTS = [
  { id: "t-1", name: "Checkout", url: "https://shop.example.com", repo: "acme/shop", prompt: "Pay by card" },
  { id: "t-2", name: "checkout", prompt: "Log in" },
  { id: "t-3", name: "" },
];
const PLAN = { name: "free", runsLeft: 3, runsLimit: 50, maxTwins: 1, maxTtlMinutes: 120 };

const subscription = (id: number, more: Partial<Subscription> = {}): Subscription => ({
  id,
  team: "T0ACME",
  channel: "C0GENERAL",
  by: BOB,
  at: NOW,
  events: ["completed", "failed"],
  kinds: [],
  ...more,
});
const SUBSCRIPTIONS = [
  subscription(1),
  subscription(2, { events: ["ready"], kinds: ["test", "url"], repo: "acme/shop", mine: BOB.id, all: true }),
  subscription(3, { channel: "D0ADA", events: ["expiring"], kinds: ["twin"] }),
];

const ended = (outcome: Outcome, more: Partial<Run> = {}): Run =>
  runIn("ended", { phase: { name: "ended", at: NOW, outcome }, tookMs: 34_000, ...more });
const test_ = (more: Partial<Run> = {}): Partial<Run> => ({ kind: "test", spec: SPECS.test, ...more });

const PROGRESS = {
  last: [],
  reportedKeys: [],
  count: 3,
  total: 8,
  failed: { key: "p", text: "Pay", state: "failed", detail: "Card refused" },
} as const satisfies Run["progress"] | object;

function homes(): Scenes {
  const mine = [
    ...kindNames.map((kind, n) =>
      runIn(n % 2 === 0 ? "ready" : "running", {
        id: idOf(n),
        kind,
        spec: SPECS[kind],
        ...(n % 2 === 0 ? {} : { progress: { ...PROGRESS, last: [], reportedKeys: [] } }),
      }),
    ),
    runIn("starting", { id: idOf(8), ttlMinutes: 60, arga: { id: "a", status: "setting_up", links: [] } }),
  ];
  const busy: Partial<Run> = {
    trouble: { with: "slack", text: "Slack is down.", since: NOW },
    actionRequests: [wishOf(), wishOf({ key: "b", action: "reset" })],
  };
  const recent = [
    ended("torn_down", { id: idOf(20), ttlMinutes: 60 }),
    ended("failed", test_({ id: idOf(21), progress: { ...PROGRESS, last: [], reportedKeys: [] } })),
    ended("passed", test_({ id: idOf(22), requester: BOB })),
    ended("refused", {
      id: idOf(23),
      phase: { name: "ended", at: NOW, outcome: "refused", why: "No such twin." },
    }),
    ended("unknown", { id: idOf(24), channel: "D0ADA" }),
    ended("passed", { id: idOf(25), kind: "pigeon" }),
  ];
  const others = [
    runIn("ready", { id: idOf(30), requester: BOB }),
    runIn("ending", { id: idOf(31), requester: BOB, sharedWith: [ADA] }),
    runIn("ready", { id: idOf(32), requester: BOB, sharedWith: [ADA], deadline: { ...MINUTES_60, at: NOW } }),
    runIn("requested", { id: idOf(33), requester: { id: "U1", name: "" }, ttlMinutes: 90 }),
  ];
  const away = { arga: { at: NOW, trouble: { why: "Arga is down", since: NOW } }, redisMs: 251 };
  const old = { tests: { value: TESTS, isFresh: false }, plan: { value: PLAN, isFresh: false } };
  return [
    ["nothing yet", homeView(sceneOf())],
    [
      "Arga was never asked",
      homeView(
        sceneOf({ tests: undefined, plan: undefined, connections: { arga: undefined, redisMs: 250 } }),
      ),
    ],
    ["Arga is away", homeView(sceneOf({ tests: undefined, plan: undefined, connections: away }))],
    ["Arga is away, and was there before", homeView(sceneOf({ ...old, connections: away }))],
    [
      "a busy one",
      homeView(
        sceneOf({
          mine: [runIn("ready", busy), ...mine],
          others,
          recent,
          tests: { value: TESTS, isFresh: true },
          plan: { value: PLAN, isFresh: true },
          subscriptions: SUBSCRIPTIONS,
          presets: ["Checkout", "Billing"],
          said: refusal("It has already ended.", "/arga list").blocks,
        }),
      ),
    ],
    [
      "the pages behind",
      homeView(
        sceneOf({
          mine: [...mine, ...mine, ...mine],
          pages: { mine: 1, others: 0, recent: 0, tests: 0, subscriptions: 0 },
        }),
      ),
    ],
    ["only mine", homeView(sceneOf({ filter: "mine", others, recent }))],
    ["only tests", homeView(sceneOf({ filter: "kind:test" }))],
    [
      "many cards that can't be updated",
      homeView(sceneOf({ mine: [runIn("ready", busy)], others: [runIn("ready", busy)] })),
    ],
    ["Redis is away", homeDown()],
  ];
}

function answers(): Scenes {
  const actions: Action[] = ["extend", "lock", "reset", "teardown", "cancel", "save"];
  const run = runIn("ready");
  const says = (name: string, what: Reply, of = run): [string, ReturnType<typeof replyContent>] => [
    name,
    replyContent(of, what),
  ];
  return [
    says("rejected", { type: "rejected", why: "There's no twin `strpe`.", tryThis: "/arga twins stripe 60" }),
    says("rejected, with a button", {
      type: "rejected",
      why: "There's no twin `strpe`..",
      tryThis: "/arga twins stripe 60",
      button: "Start stripe",
    }),
    ...actions.map((action) => says(`done: ${action}`, { type: "done", action })),
    says("done: extend, with its end", { type: "done", action: "extend", deadline: NOW }),
    says("done: save, with its name", { type: "done", action: "save", name: "Checkout" }),
    ...actions.map((action) =>
      says(`not done: ${action}`, { type: "not_done", action, why: "it has ended" }),
    ),
    ...actions.map((action) => says(`unclear: ${action}`, { type: "unclear", action })),
    says("card delayed", { type: "card_delayed" }),
    says("card delayed, and why", { type: "card_delayed", why: "Slack is down." }),
    says("channel closed", { type: "channel_closed" }, ended("failed")),
    says(
      "channel closed, and why it failed",
      { type: "channel_closed" },
      runIn("ended", { phase: { name: "ended", at: NOW, outcome: "failed", why: "Arga's own words." } }),
    ),
    says("ended", { type: "ended" }, ended("expired")),
    ["ended, with its card", replyContent(ended("passed"), { type: "ended" }, CARD_URL)],
    ["refused without a word", refusal("")],
    ["a run that is gone", RUN_IS_GONE],
    ["a preset that is gone", PRESET_IS_GONE],
  ];
}

function notices(): Scenes {
  const notice = (more: Partial<Notice>): Notice => ({
    run: "k7m2qx",
    key: "k",
    kind: "test",
    event: "failed",
    title: "Pay · shop.example.com",
    requester: ADA,
    at: NOW,
    ...more,
  });
  const batch = (some: Notice[]): Batch => ({
    key: "b",
    notices: some,
    counts: Object.fromEntries(
      EVENTS.map((event) => [event, some.filter((each) => each.event === event).length]),
    ),
  });
  const failed = notice({
    outcome: "failed",
    why: "Card refused",
    tookMs: 34_000,
    previous: "passed",
    repo: "acme/shop",
    link: CARD_URL,
    dashboardUrl: DASHBOARD,
  });
  const all = [
    failed,
    notice({ event: "expiring", endsAt: NOW }),
    notice({ event: "expiring" }),
    notice({ event: "ready", endsAt: NOW, dashboardUrl: DASHBOARD }),
    notice({ event: "ready" }),
    notice({ event: "completed", outcome: "passed", previous: "failed" }),
    notice({ event: "completed", outcome: "passed", previous: "passed" }),
    notice({ event: "completed", outcome: "torn_down" }),
    notice({ event: "completed", outcome: "expired" }),
    notice({ event: "failed", outcome: "lost" }),
    { ...failed, run: "5b1c3c9e-8f0a-4b6e-9d3d", elsewhere: true } as Notice,
    { ...failed, sample: true } as Notice,
    notice({ announced: { events: ["failed"], kinds: ["test"], repo: "acme/shop" } }),
  ];
  return [
    ...all.map((each, n): [string, ReturnType<typeof noticeMessage>] => [
      `${n + 1}: ${each.event}`,
      noticeMessage(batch([each]), NOW),
    ]),
    ["late by two minutes", noticeMessage(batch([failed]), NOW + 2 * MINUTE)],
    ["late by more", noticeMessage(batch([failed]), NOW + 2 * MINUTE + 1)],
    ["all in one", noticeMessage(batch(all), NOW)],
    [
      "more than are shown",
      noticeMessage({ ...batch([failed]), notices: [failed, failed], counts: { failed: 9 } }, NOW),
    ],
  ];
}

function channels(): Scenes {
  const [first] = SUBSCRIPTIONS;
  const trouble = { error: "not_in_channel", at: NOW };
  const digest = { team: "T0ACME", channel: "C0GENERAL", by: BOB, dueAt: NOW };
  const kinds = [
    { kind: "test", count: 1_200 },
    { kind: "twin", count: 1 },
  ];
  const week = {
    from: NOW - 7 * 24 * 60 * MINUTE,
    until: NOW,
    kinds,
    passed: 199,
    failed: 1,
    flaky: [{ kind: "test", title: "Pay", failed: 2, of: 9 }],
    slowest: [
      { kind: "test", title: "Pay", meanMs: 34_000, of: 2 },
      { kind: "test", title: "Log in", meanMs: 9_000, of: 1 },
    ],
    twinMinutes: 1,
  } as unknown as Parameters<typeof weekMessage>[0];
  const none = { ...week, kinds: [], passed: 0, failed: 0, flaky: [], slowest: [], twinMinutes: 0 };
  if (!first) throw new Error("no subscription");
  return [
    ["none", subscriptionList({ subscriptions: [] })],
    ["one", subscriptionList({ subscriptions: [first] })],
    ["some, a digest, and trouble", subscriptionList({ subscriptions: SUBSCRIPTIONS, trouble, digest })],
    ["subscribed", subscribedTo(first, true)],
    ["subscribed already, and trouble", subscribedTo(first, false, trouble)],
    ["one removed", unsubscribedFrom([first])],
    ["all removed", unsubscribedFrom(SUBSCRIPTIONS)],
    ["a sample, with no subscription", sampleOnItsWay({ subscriptions: [] })],
    ["a sample, with one", sampleOnItsWay({ subscriptions: [first], trouble })],
    ["a sample, with a narrow one", sampleOnItsWay({ subscriptions: SUBSCRIPTIONS.slice(1, 2) })],
    ["the form", notifyModal("C0GENERAL", { subscriptions: SUBSCRIPTIONS, trouble, digest }, "Subscribed.")],
    ["the form, with none", notifyModal("C0GENERAL", { subscriptions: [] })],
    ["a digest", digestOn(digest, true)],
    ["a digest already", digestOn({ ...digest, trouble }, false)],
    ["no digest", digestOff()],
    ["a week", weekMessage(week, PLAN)],
    ["a week with nothing in it", weekMessage(none, undefined)],
  ];
}

function lists(): Scenes {
  const runs = PHASE_NAMES.filter((phase) => phase !== "ended").map((phase, n) =>
    runIn(phase, { id: idOf(n), ...(n === 2 ? { channel: "D0ADA" } : {}) }),
  );
  const scenarios = [
    { id: "s-1", name: "Past due", description: "One customer", twins: ["stripe"], isPreset: false },
    { id: "s-2", name: "", twins: [], isPreset: true },
  ];
  const page = { page: 0, isFresh: true };
  const twelve = Array.from({ length: 12 }, (_, n) => ({ id: `t-${n}`, name: `Test ${n}` }));
  const log = [
    { at: NOW, source: "browser", text: "opened \u001b[31mred\u001b[0m", isError: false },
    { text: "Card refused", isError: true },
  ];
  const place = { run: "k7m2qx", channel: "C0GENERAL", page: 0, errorsOnly: false };
  return [
    ["no runs", runList([], "here")],
    ["runs", runList(runs, "in this workspace", () => CARD_URL)],
    ["26 runs", { blocks: runList(Array(26).fill(runIn("ready")), "here").blocks.slice(24) }],
    [
      "the catalog",
      catalogList(
        [{ name: "stripe", kind: "payments" }, { name: "slack" }] as Parameters<typeof catalogList>[0],
        true,
      ),
    ],
    ["an old catalog", catalogList([{ name: "stripe" }] as Parameters<typeof catalogList>[0], false)],
    ["no tests", testList([], page)],
    ["no tests of a repository", testList([], { ...page, repo: "acme/shop" })],
    ["tests", testList(TESTS, page)],
    ["one test, perhaps old", testList(TESTS.slice(0, 1), { ...page, isFresh: false })],
    ["twelve tests", testList(twelve, { ...page, repo: "acme/shop" })],
    ["the last two", testList(twelve, { ...page, page: 1 })],
    ["no scenarios", scenarioList([], undefined, true)],
    ["no scenarios for a twin", scenarioList(scenarios, "slack", true)],
    ["scenarios", scenarioList(scenarios, undefined, true)],
    ["one scenario of a twin, perhaps old", scenarioList(scenarios, "stripe", false)],
    ["a log that is being read", logsLoading(runIn("ended"), place)],
    ["a log that can't be read", logsFailed(runIn("ended"), place, "Arga is down")],
    ["a log", logsView(runIn("ended"), place, log)],
    ["its errors", logsView(runIn("ended"), { ...place, errorsOnly: true }, log)],
    ["no log", logsView(runIn("ended"), place, [])],
    ["no errors", logsView(runIn("ended"), { ...place, errorsOnly: true }, log.slice(0, 1))],
    [
      "a link to a card",
      { blocks: unfurl(runIn("ready"), CONTEXT, 2, "https://acme.slack.com/archives/C0DEV/p1") },
    ],
    ["a link to a card whose place is not known", { blocks: unfurl(runIn("ready"), CONTEXT, 2) }],
    [
      "the doctor's report",
      doctorReport(
        [
          { part: "redis", level: "ok", says: "Redis answers" },
          { part: "slack", level: "warn", says: "A scope is missing", advice: "Add it" },
          { part: "arga", level: "bad", says: "The key is refused", advice: "Make another" },
        ],
        "0.1.0",
      ),
    ],
    [
      "the doctor's, if all is well",
      doctorReport([{ part: "process", level: "ok", says: "Node 24" }], "0.1.0"),
    ],
  ];
}

function windows(): Scenes {
  const context = { limits: { maxTtlMinutes: 480 }, channel: "C0GENERAL" };
  const poor = {
    limits: { maxTtlMinutes: 480, planTtlMinutes: 60, defaultTtlMinutes: 30 },
    planName: "free",
    isAway: true,
    presets: ["Checkout"],
    again: "2",
  };
  const place = { run: "k7m2qx", channel: "C0GENERAL" };
  const groups = [
    {
      title: "Stripe",
      facts: [{ name: "API", value: "https://pub-1.example" }],
      variables: [
        { name: "KEY", value: "sk_1" },
        { name: "WORDS", value: "two words" },
        { name: "QUOTED", value: "it's" },
        { name: "not a name", value: "x" },
      ],
    },
    { title: "Slack", facts: [], variables: [{ name: "TOKEN", value: "xoxb-1" }] },
  ];
  const quiet = { from: "22:00", until: "07:00", zone: "Europe/Berlin" };
  const presets = [{ name: "Checkout", line: "stripe,slack 2h" }] as Parameters<
    typeof settingsModal
  >[0]["presets"];
  const defaults = { remindBeforeMs: 5 * MINUTE, ttlMinutes: 60 };
  return [
    ["twins", twinsForm(context)],
    [
      "twins, of a small plan, with what was chosen",
      twinsForm(poor, {
        twins: ["stripe"],
        time: "90m",
        scenario: "s-1",
        prompt: "one customer",
        isPrivate: true,
      }),
    ],
    ["a test", testForm(context)],
    [
      "a test, of a message",
      testForm(poor, {
        url: "https://shop.example.com",
        what: "pay",
        twins: ["stripe"],
        repo: "acme/shop",
        branch: "main",
        saved: "t-1",
        savedName: "Checkout",
        from: { channel: "C0GENERAL", threadTs: "1.2" },
      }),
    ],
    [
      "a test, of a message where nothing can be posted",
      testForm(context, { saved: "t-1", from: { channel: "C1", threadTs: "1.2" }, isFromShut: true }),
    ],
    ["a validation", validateForm(context)],
    ["a sandbox", sandboxForm(poor)],
    ["settings, nothing chosen", settingsModal({ presets: [] }, { ...defaults, remindBeforeMs: 10_000 })],
    [
      "settings",
      settingsModal(
        { remindBeforeMinutes: 10, ttlMinutes: 120, end: "message", quiet, channel: "C0GENERAL", presets },
        defaults,
      ),
    ],
    ...(["lock", "reset", "teardown", "cancel"] as const).map(
      (control): [string, ReturnType<typeof confirmModal>] => [
        `is it meant: ${control}`,
        confirmModal(runIn("ready"), control, "m"),
      ],
    ),
    ["share", shareModal(runIn("ready"), "m")],
    ["save", saveModal(ended("passed", test_()), "m")],
    ["credentials that are being read", credentialsLoading(place)],
    ["credentials that can't be read", credentialsFailed(place, "Arga is down")],
    ["no credentials", credentials(place, [])],
    ["credentials", credentials(place, groups)],
    ["credentials for a shell, some", credentials(place, groups, { format: "export", picked: ["Stripe"] })],
    ["credentials as JSON", credentials(place, groups, { format: "json" })],
    ["credentials, none chosen", credentials(place, groups, { format: "env", picked: [] })],
  ];
}

const help = (): Scenes => [
  ["all", helpAll(grammars, BOT)],
  ["in short", helpShort(BOT)],
  ...grammars.map((grammar): [string, ReturnType<typeof helpOne>] => [grammar.name, helpOne(grammar, BOT)]),
  ...grammars.slice(0, 1).flatMap(
    (grammar): Scenes => [
      ["with a form", helpWithForm(grammar, BOT)],
      ["in a thread", inThread(helpOne(grammar, BOT), BOT)],
      ["for a window", withButton(refusal("That needs a window."), "Open")],
    ],
  ),
  ["welcome", welcome(grammars, BOT)],
  ["invited", invited(grammars, BOT)],
  ["a greeting", greeting(grammars)],
];

test.each([
  ["homes", homes],
  ["answers", answers],
  ["notices", notices],
  ["channels", channels],
  ["lists", lists],
  ["windows", windows],
  ["help", help],
])("%s are, word for word, what was read", async (name, all) => {
  await expect(scenes(all())).toMatchFileSnapshot(`./__snapshots__/${name}.txt`);
});
