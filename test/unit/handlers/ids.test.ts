import { readFileSync } from "node:fs";
import { describe, expect, expectTypeOf, test } from "vitest";
import { parse } from "yaml";
import { actions } from "../../../src/handlers/actions/index.ts";
import { grammars } from "../../../src/handlers/commands/index.ts";
import { events } from "../../../src/handlers/events/index.ts";
import { options } from "../../../src/handlers/options/index.ts";
import { shortcuts } from "../../../src/handlers/shortcuts/index.ts";
import { views } from "../../../src/handlers/views/index.ts";
import { kindNames } from "../../../src/kinds/index.ts";
import type { Notice } from "../../../src/notices/notices.ts";
import type { Run, ThreadEvent } from "../../../src/runs/run.ts";
import type { ActionId, EventName, OptionsId, ShortcutId, ViewId } from "../../../src/slack/ids.ts";
import { card } from "../../../src/views/card.ts";
import { credentials } from "../../../src/views/credentials.ts";
import { sandboxForm, testForm, twinsForm, validateForm } from "../../../src/views/forms.ts";
import { helpShort, helpWithForm } from "../../../src/views/help.ts";
import { homeView } from "../../../src/views/home.ts";
import { logsFailed, logsView } from "../../../src/views/logs.ts";
import { noticeMessage } from "../../../src/views/notices.ts";
import { confirmModal, saveModal, shareModal } from "../../../src/views/run-modals.ts";
import { settingsModal } from "../../../src/views/settings.ts";
import { notifyModal } from "../../../src/views/subscriptions.ts";
import { testList } from "../../../src/views/tests.ts";
import { threadMessage } from "../../../src/views/thread-messages.ts";
import { unfurl } from "../../../src/views/unfurl.ts";
import { idOf, SPECS, sceneOf } from "../support/home-scenes.ts";
import { ADA, NOW, PHASE_NAMES, runIn } from "../support/runs.ts";

const CONTEXT = { now: NOW, maxTtlMinutes: 480 };
const dashboardUrl = "https://app.argalabs.com/runs/1";

const runs: Run[] = kindNames.flatMap((kind) =>
  PHASE_NAMES.map((phase, n) => {
    const run = runIn(phase, { kind, spec: SPECS[kind], id: idOf(n) });
    const timed = kind === "twin" || kind === "sandbox" ? { ttlMinutes: 60 } : {};
    return { ...run, ...timed, ...(run.arga ? { arga: { ...run.arga, dashboardUrl } } : {}) };
  }),
);
const isEnded = ({ phase }: Run): boolean => phase.name === "ended";
const THREAD: ThreadEvent[] = [{ type: "ready" }, { type: "reminder", deadline: NOW }, { type: "ended" }];
const notice: Notice = {
  run: "k7m2qx",
  key: "n1",
  kind: "test",
  title: "A test",
  event: "failed",
  at: NOW,
  dashboardUrl,
};
const savedTests = Array.from({ length: 30 }, (_, n) => ({ id: `t${n}`, name: `Test ${n}` }));
const log = Array.from({ length: 200 }, (_, n) => ({ text: `line ${n}`, isError: n % 3 === 0 }));
const place = { run: "k7m2qx", channel: "C0GENERAL" };
const logged = runIn("ended", { kind: "url", spec: SPECS.url });
const subscription = { id: 1, team: "T", channel: "C", by: ADA, at: NOW, events: [], kinds: [] };

/** All that a person may have before them. */
const drawn: unknown[] = [
  ...runs.flatMap((run) => [card(run, CONTEXT), { blocks: unfurl(run, CONTEXT, 1) }]),
  ...runs.flatMap((run) => THREAD.map((event) => threadMessage(run, event, CONTEXT))),
  ...[0, 1].map((page) =>
    homeView(
      sceneOf({
        presets: ["Checkout"],
        mine: runs.filter((run) => !isEnded(run)),
        recent: runs.filter(isEnded),
        tests: { value: savedTests, isFresh: true },
        pages: { mine: page, others: page, recent: page, tests: page, subscriptions: page },
      }),
    ),
  ),
  credentials(
    { run: "k7m2qx", channel: "C" },
    ["Stripe", "Slack"].map((title) => ({ title, facts: [], variables: [{ name: "A", value: "1" }] })),
  ),
  testList(savedTests, { page: 1, isFresh: true }),
  ...[true, false].map((errorsOnly) => logsView(logged, { ...place, page: 1, errorsOnly }, log)),
  logsFailed(logged, { ...place, page: 0, errorsOnly: false }, "Arga is away"),
  twinsForm({ limits: CONTEXT, presets: ["Checkout"] }),
  settingsModal({ presets: [] }, { remindBeforeMs: 300_000, ttlMinutes: 60 }),
  testForm({ limits: CONTEXT }),
  validateForm({ limits: CONTEXT }),
  sandboxForm({ limits: CONTEXT }),
  notifyModal("C", { subscriptions: [subscription] }),
  helpShort("U0BOT"),
  confirmModal(logged, "lock", "{}"),
  shareModal(logged, "{}"),
  saveModal(logged, "{}"),
  ...grammars.map((grammar) => helpWithForm(grammar, "U0BOT")),
  noticeMessage({ key: "n1", notices: [notice], counts: { failed: 1 } }, NOW),
];

/** Every object in there that has all of these keys. */
function having(value: unknown, ...keys: string[]): Record<string, unknown>[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap((each) => having(each, ...keys));
  return keys.every((key) => Object.hasOwn(value, key))
    ? [value as Record<string, unknown>, ...inner]
    : inner;
}

/** Elements whose use Slack tells us at once; those of inputs come with the form. */
const pressable = [
  ...having(drawn, "type", "elements").filter(({ type }) => type === "actions"),
  ...having(drawn, "accessory"),
  ...having(drawn, "dispatch_action"),
].flatMap(({ elements, accessory, element }) => having([elements, accessory, element], "action_id"));
/** An option of a run's menu is a control like those in sight; cards of older versions have it as a button. */
const inMenu = pressable
  .filter(({ action_id }) => action_id === "run.more")
  .flatMap(({ options }) => having(options, "value").map(({ value }) => `run.${value}`));
const idsDrawn = [...new Set([...pressable.map(({ action_id }) => String(action_id)), ...inMenu])];
const searched = having(drawn, "action_id", "type").filter(({ type }) =>
  String(type).endsWith("external_select"),
);

const unique = (values: Iterable<unknown>): string[] => [...new Set([...values].map(String))].sort();
const manifest = parse(readFileSync("slack-manifest.yaml", "utf8")) as {
  features: { shortcuts: { callback_id: string }[] };
  settings: { event_subscriptions: { bot_events: string[] } };
};

describe("the catalogue of ids", () => {
  test("has a handler for each, and no handler has none", () => {
    expectTypeOf<keyof typeof actions>().toEqualTypeOf<ActionId>();
    expectTypeOf<keyof typeof views>().toEqualTypeOf<ViewId>();
    expectTypeOf<keyof typeof options>().toEqualTypeOf<OptionsId>();
    expectTypeOf<keyof typeof shortcuts>().toEqualTypeOf<ShortcutId>();
    expectTypeOf<keyof typeof events>().toEqualTypeOf<EventName>();
    type Without<T, K extends keyof T> = Omit<T, K>;
    expectTypeOf<Without<typeof actions, "run.lock">>().not.toExtend<typeof actions>();
    expectTypeOf<Without<typeof views, "arga_test">>().not.toExtend<typeof views>();
  });

  test.each(idsDrawn)("has %s, which is drawn", (drawnId) => {
    const known = Object.keys(actions).filter((id) => drawnId === id || drawnId.startsWith(`${id}.`));
    expect(known).toHaveLength(1);
  });

  test.each(Object.keys(actions))("%s is drawn", (id) => {
    expect(idsDrawn.some((each) => each === id || each.startsWith(`${id}.`))).toBe(true);
  });

  test("has the modals that are drawn, and no other", () => {
    const callbacks = having(drawn, "callback_id").map(({ callback_id }) => callback_id);
    expect(unique(callbacks)).toEqual(Object.keys(views).sort());
  });

  test("has the menus whose options are asked for, and no other", () => {
    expect(unique(searched.map(({ action_id }) => action_id))).toEqual(Object.keys(options).sort());
  });

  test("has the manifest's shortcuts and events, and no other", () => {
    const { features, settings } = manifest;
    expect(unique(features.shortcuts.map(({ callback_id }) => callback_id))).toEqual(
      Object.keys(shortcuts).sort(),
    );
    expect(unique(settings.event_subscriptions.bot_events.map((name) => name.split(".")[0]))).toEqual(
      Object.keys(events).sort(),
    );
  });
});

test("commands have different names", () => {
  const names = grammars.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});
