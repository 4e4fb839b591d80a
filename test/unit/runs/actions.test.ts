import { describe, expect, test } from "vitest";
import {
  actionDone,
  actionMoved,
  actionRefused,
  actionRequested,
  actionUnclear,
  obstacle,
} from "../../../src/runs/actions.ts";
import { messageSent } from "../../../src/runs/outbox.ts";
import type { ActionRequest, Message, Run } from "../../../src/runs/run.ts";
import { cancelled, observed, reminded } from "../../../src/runs/transitions.ts";
import { ADA, MINUTE, NOW, REMIND_BEFORE, runIn, seen, wishOf } from "../support/runs.ts";

const keys = (run: Run) => run.outbox.map(({ key }) => key);
const see = (run: Run, observation: ReturnType<typeof seen>, now = NOW) =>
  observed(run, observation, now, REMIND_BEFORE);
/** As Slack's side does once it posted everything. */
const allSent = (run: Run) => run.outbox.reduce((next, { key }) => messageSent(next, key), run);

describe("a wish", () => {
  const wish = wishOf();

  test("is taken once, however often it is delivered", () => {
    const run = actionRequested(runIn("ready"), wish);
    expect(actionRequested(run, wish).actionRequests).toEqual([wish]);
    expect(actionRequested(allSent(actionDone(run, wish, NOW)), wish).actionRequests).toEqual([]);
  });

  test("that was done is told in the thread and to its person", () => {
    const run = actionDone(actionRequested(runIn("ready"), wish), wish, NOW);
    expect(run.actionRequests).toEqual([]);
    expect(run.outbox).toMatchObject([
      { to: "thread", what: { type: "acted", action: "lock", by: wish.by } },
      { to: "person", what: { type: "done" }, reply: wish.reply },
    ]);
  });

  test("that was done on the card is told in its thread alone", () => {
    const pressed = wishOf({ reply: { ...wish.reply, isAtCard: true } });
    const typed = wishOf({ key: "typed" });
    const both = actionRequested(actionRequested(runIn("ready"), pressed), typed);
    expect(keys(actionDone(both, pressed, NOW))).toEqual([`acted:${pressed.key}`, "done:typed"]);
    const refused = actionRefused(actionRequested(runIn("ready"), pressed), pressed, "why", NOW);
    expect(keys(refused)).toEqual([`not_done:${pressed.key}`]);
  });

  test.each(["teardown", "cancel"] as const)("to %s is told together with the end", (action) => {
    const end = wishOf({ action });
    const run = actionDone(actionRequested(runIn("ready"), end), end, NOW);
    expect(run.endedBy).toEqual(end.by);
    expect(keys(run)).toEqual([`done:${end.key}`]);
  });

  test("for an end that Arga shows before its yes was written names who asked all the same", () => {
    const end = wishOf({ action: "teardown", state: { name: "sending", since: NOW } });
    const run = see(actionRequested(runIn("ready"), end), seen("ended", { outcome: "torn_down" }));
    expect(run.endedBy).toEqual(end.by);
    expect(
      see(actionRequested(runIn("ready"), end), seen("ended", { outcome: "expired" })).endedBy,
    ).toBeUndefined();
  });

  test("to extend is answered with the end that Arga reported", () => {
    const extension = wishOf({ action: "extend", minutes: 30 });
    const looked = see(
      actionRequested(runIn("ready"), extension),
      seen("ready", { endsAt: NOW + 30 * MINUTE }),
    );
    expect(actionDone(looked, extension, NOW).outbox).toMatchObject([
      { what: { deadline: NOW + 30 * MINUTE } },
      { what: { deadline: NOW + 30 * MINUTE } },
    ]);
  });

  test.each([
    ["not_done", (run: Run) => actionRefused(run, wish, "why", NOW)],
    ["unclear", (run: Run) => actionUnclear(run, wish, NOW)],
  ])("that came to nothing is told to its person alone: %s", (type, settle) => {
    const run = settle(actionRequested(runIn("ready"), wish));
    expect(run.actionRequests).toEqual([]);
    expect(run.outbox).toMatchObject([{ to: "person", what: { type }, reply: wish.reply }]);
  });

  const ways = [
    (run: Run) => actionDone(run, wish, NOW),
    (run: Run) => actionRefused(run, wish, "why", NOW),
    (run: Run) => actionUnclear(run, wish, NOW),
  ];
  const pairs = ways.flatMap((first, i) => ways.map((second, n) => ({ first, second, name: `${i}, ${n}` })));

  test.each(pairs)("settled by two workers is answered once: $name", ({ first, second }) => {
    const settled = allSent(first(actionRequested(runIn("ready"), wish)));
    expect(keys(second(settled))).toEqual([]);
  });

  test("moves without its place in the line or another's state changing", () => {
    const other = wishOf({ key: "trigger-2" });
    const run = actionRequested(actionRequested(runIn("ready"), wish), other);
    const moved = actionMoved(run, wish.key, { name: "sending", since: NOW });
    expect(moved.actionRequests).toEqual([{ ...wish, state: { name: "sending", since: NOW } }, other]);
  });

  test("to call off what was not created ends it", () => {
    const run = cancelled(actionDone(actionRequested(runIn("requested"), wish), wish, NOW), NOW);
    expect(run.phase).toMatchObject({ outcome: "cancelled" });
    expect(keys(run).filter((key) => key === "ended")).toHaveLength(1);
  });
});

describe("what is in the way of a wish", () => {
  const extend = (minutes: number, more = {}) => ({ action: "extend" as const, minutes, ...more });

  test("an end that is sooner than the present one, unless it is meant", () => {
    expect(obstacle(runIn("ready"), extend(59), NOW)).toContain("--shorten");
    expect(obstacle(runIn("ready"), extend(60), NOW)).toContain("60 minutes");
    expect(obstacle(runIn("ready"), extend(61), NOW)).toBeUndefined();
    expect(obstacle(runIn("ready"), extend(59, { shorten: true }), NOW)).toBeUndefined();
  });

  test("before Arga has it, nothing but its end can be asked for", () => {
    for (const phase of ["requested", "creating"] as const) {
      for (const action of ["extend", "lock", "reset"] as const)
        expect(obstacle(runIn(phase), { action, minutes: 90 }, NOW)).toBe(
          action === "extend"
            ? "Arga hasn't started it yet. Try again when the card says it has"
            : "it isn't ready yet. Try again when the card says it is",
        );
      expect(obstacle(runIn(phase), { action: "teardown" }, NOW)).toBeUndefined();
    }
  });

  test("lock and reset need it ready; lock needs it public", () => {
    for (const action of ["lock", "reset"] as const) {
      expect(obstacle(runIn("starting"), { action }, NOW)).toBe(
        "it isn't ready yet. Try again when the card says it is",
      );
      expect(obstacle(runIn("ready"), { action }, NOW)).toBeUndefined();
    }
    const locked = see(
      runIn("ready"),
      seen("ready", { arga: { status: "ready", links: [], isPublic: false } }),
    );
    expect(obstacle(locked, { action: "lock" }, NOW)).toBe("it's already locked");
  });

  test.each(["extend", "lock", "reset", "teardown"] as const)("its end is in the way of %s", (action) => {
    expect(obstacle(runIn("ended"), { action, minutes: 90 }, NOW)).toBe("it has already ended");
    expect(obstacle(runIn("ending"), { action, minutes: 90 }, NOW)).toBe("it's already ending");
  });
});

test("a twin's whole life, with a reminder, an extend, a lock and its own end, is five messages in the thread", () => {
  const asked = (key: string, more: Partial<ActionRequest>) =>
    wishOf({ key, by: ADA, reply: { ...wishOf().reply, isAtCard: true }, ...more });
  const said: Message[] = [];
  const step = (run: Run, change: (run: Run) => Run): Run => {
    const next = change(run);
    said.push(...next.outbox);
    return allSent(next);
  };
  const pressed = (run: Run, request: ActionRequest): Run =>
    step(actionRequested(run, request), (now) => actionDone(now, request, NOW));
  const ready = step(runIn("starting"), (run) => see(run, seen("ready", { endsAt: NOW + 60 * MINUTE })));
  const reminder = step(ready, (run) => reminded(run, NOW + 58 * MINUTE));
  const extended = pressed(reminder, asked("a", { action: "extend", minutes: 120 }));
  const locked = pressed(extended, asked("b", { action: "lock" }));
  const ending = pressed(locked, asked("c", { action: "teardown" }));
  step(ending, (run) => see(run, seen("ended", { outcome: "torn_down" })));
  const thread = said.filter(({ to }) => to === "thread").map(({ what }) => what.type);
  expect(thread).toEqual(["ready", "reminder", "acted", "acted", "ended"]);
  expect(said.filter(({ to }) => to === "person")).toEqual([]);
});
