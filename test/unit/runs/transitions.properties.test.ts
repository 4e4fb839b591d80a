import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  actionDone,
  actionMoved,
  actionRefused,
  actionRequested,
  actionUnclear,
} from "../../../src/runs/actions.ts";
import { messageMoved, messageSent } from "../../../src/runs/outbox.ts";
import type { ActionRequest, Message, Run } from "../../../src/runs/run.ts";
import { isDelivered } from "../../../src/runs/run.ts";
import {
  cancelled,
  cardDelayed,
  cardMoved,
  checked,
  created,
  createRefused,
  createUnknown,
  creating,
  notCreated,
  type Observation,
  observed,
  rejected,
  reminded,
  troubled,
  untroubled,
} from "../../../src/runs/transitions.ts";
import { frozen, MINUTE, NOW, newRun, REMIND_BEFORE, wishOf } from "../support/runs.ts";

/**
 * Everything that can happen to a run, in any order and as often as crashes, repeats and stale workers make it
 * happen. Each transition is made twice, and on a record that throws when it is written to.
 */
class Life {
  run: Run;
  now = NOW;
  /** Every message that was ever put into the outbox. */
  told: Message[] = [];
  /** Every wish that was ever asked. */
  wishes = new Map<string, ActionRequest>();

  constructor(run: Run) {
    this.run = frozen(run);
  }

  change(by: (run: Run) => Run): void {
    const before = this.run;
    const after = frozen(by(before));
    expect(by(after)).toEqual(after);
    this.told.push(...after.outbox.filter(({ key }) => !before.outbox.some((old) => old.key === key)));
    this.run = after;
    this.check(before);
  }

  check(before: Run): void {
    const { outbox, phase } = this.run;
    expect(new Set(outbox.map(({ key }) => key)).size).toBe(outbox.length);
    if (before.phase.name === "ended") expect(phase).toEqual(before.phase);
    const late = outbox.filter((message) => isSoon(message) && !message.sendingSince);
    if (phase.name === "ended") expect(late).toEqual([]);
    for (const key of this.told.map((message) => message.key))
      expect(this.count((message) => message.key === key)).toBe(1);
    expect(this.count(({ what }) => what.type === "ready")).toBeLessThanOrEqual(1);
  }

  count(is: (message: Message) => boolean): number {
    return this.told.filter(is).length;
  }

  /** What the person who asked for it was told. */
  answersTo(wish: ActionRequest): string[] {
    const ends = ["done", "not_done", "unclear"].map((type) => `${type}:${wish.key}`);
    return this.told.flatMap(({ key }) => (ends.includes(key) ? [key] : []));
  }

  ask(wish: ActionRequest): void {
    if (!this.wishes.has(wish.key)) this.wishes.set(wish.key, wish);
    this.change((run) => actionRequested(run, wish));
  }
}

const isSoon = ({ what }: Message): boolean =>
  what.type === "reminder" || (what.type === "event" && what.event === "expiring");

type Step = (life: Life) => void;
/** Named as the function's own text, less what surrounds it, for a counterexample that can be read. */
const pure = (by: (run: Run, now: number) => Run, name = String(by)): Step =>
  named(name.replace(/^.*?=> /s, ""), (life) => {
    const { now } = life;
    life.change((run) => by(run, now));
  });

const named = (name: string, step: Step): Step =>
  Object.assign((life: Life) => step(life), { [fc.toStringMethod]: () => name });

const looks = fc
  .record({
    state: fc.constantFrom("starting", "ready", "ending", "ended", undefined),
    outcome: fc.constantFrom("expired", "torn_down", "failed", undefined),
    minutes: fc.constantFrom(undefined, -5, 0, 1, 10, 10.01, 60, 90),
    isPublic: fc.constantFrom(true, false, undefined),
  })
  .map(
    ({ state, outcome, minutes, isPublic }): Observation => ({
      ...(state ? { state } : {}),
      ...(outcome ? { outcome } : {}),
      ...(minutes === undefined ? {} : { endsAt: NOW + minutes * MINUTE }),
      arga: { status: state ?? "odd", links: [], ...(isPublic === undefined ? {} : { isPublic }) },
    }),
  );

const KEYS = ["t1", "t2", "t3", "t4"];
const ways = [
  actionDone,
  (run: Run, wish: ActionRequest, now: number) => actionRefused(run, wish, "no", now),
  actionUnclear,
];

/** A worker settles a wish; it may hold one that another worker settled already. */
const settle = fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom(...ways)).map(([key, way]) =>
  named(`${key}: ${way.name}`, (life) => {
    const wish = life.wishes.get(key);
    if (wish) pure((run, now) => way(run, wish, now))(life);
  }),
);

const atArga: fc.Arbitrary<Step> = fc.oneof(
  looks.map((look) => pure((run, now) => observed(run, look, now, REMIND_BEFORE), JSON.stringify(look))),
  fc.constantFrom<Step>(
    pure((run) => checked(run)),
    pure((run, now) => rejected(run, "no such twin", now)),
    pure((run, now) => (run.phase.name === "requested" ? creating(run, "a1", now) : run)),
    pure((run) => notCreated(run)),
    // Also by a worker that hears of it late, when another has given up.
    pure((run, now) => created(run, { id: "x", status: "queued" }, now)),
    pure((run, now) => (run.phase.name === "creating" ? createRefused(run, "quota", now) : run)),
    pure((run, now) => (run.phase.name === "creating" ? createUnknown(run, "lost", now) : run)),
    pure((run, now) => (run.phase.name === "requested" ? cancelled(run, now) : run)),
    pure((run) => troubled(run, { with: "arga", text: "down", since: NOW })),
    pure((run) => untroubled(run)),
    pure((run, now) => reminded(run, now)),
  ),
);

const withFirst = (name: string, by: (run: Run, key: string, now: number) => Run): Step =>
  named(name, (life) => {
    const key = life.run.outbox[0]?.key ?? "none";
    const { now } = life;
    life.change((run) => by(run, key, now));
  });

const inSlack: fc.Arbitrary<Step> = fc.constantFrom<Step>(
  withFirst("first message sent", messageSent),
  withFirst("first message on its way", messageMoved),
  withFirst("first message not posted", (run, key) => messageMoved(run, key, undefined)),
  pure((run, now) => cardMoved(run, { state: "sending", since: now })),
  pure((run, now) =>
    cardMoved(run, { state: "posted", ts: "1.2", hash: "h", shown: run.phase.name, at: now }),
  ),
  pure((run, now) => cardDelayed(run, now)),
);

const fromPeople: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom(...KEYS), fc.constantFrom("extend", "lock", "reset", "teardown"))
  .map(([key, action]) =>
    named(`${key}: ${action}`, (life) => life.ask(wishOf({ key, action, minutes: 30, at: life.now }))),
  );

const sending = (key: string): Step =>
  pure((run, now) => actionMoved(run, key, { name: "sending", since: now }), `${key}: sending`);

const passing = (ms: number): Step =>
  named(`${ms} ms pass`, (life) => {
    life.now += ms;
  });

const atWork: fc.Arbitrary<Step> = fc.oneof(
  settle,
  fc.constantFrom(...KEYS).map(sending),
  fc.constantFrom(1, 30_000, 4 * MINUTE, 20 * MINUTE).map(passing),
);

const steps = fc.array(fc.oneof(atArga, atArga, fromPeople, atWork, atWork, inSlack), {
  maxLength: 60,
  size: "max",
});

/** Whatever happened, in the end Arga says that it is over, and everything is worked off. */
function finish(life: Life): void {
  const { now } = life;
  if (life.run.phase.name !== "ended" && !life.run.arga)
    life.change((run) => createUnknown(run, "lost", now));
  const end: Observation = { state: "ended", outcome: "expired", arga: { status: "expired", links: [] } };
  life.change((run) => observed(run, end, now, REMIND_BEFORE));
  for (const wish of life.run.actionRequests)
    life.change((run) => actionRefused(run, wish, "it has ended", now));
  for (const { key } of life.run.outbox) life.change((run) => messageSent(run, key));
}

const lives = (judge: (life: Life) => void): void => {
  const property = fc.property(steps, fc.boolean(), (all, isChecked) => {
    const life = new Life(newRun({ phase: { name: "requested", checked: isChecked } }));
    for (const step of all) step(life);
    finish(life);
    judge(life);
  });
  fc.assert(property, { numRuns: 400 });
};

describe("whatever happens, and however often", () => {
  test("the end is told exactly once, in the thread or to the one whose request was refused", () => {
    lives((life) => {
      expect(life.run.phase.name).toBe("ended");
      expect(life.count(({ what }) => what.type === "ended" || what.type === "rejected")).toBe(1);
    });
  });

  test("each wish ends in exactly one answer to the person who asked", () => {
    lives((life) => {
      for (const wish of life.wishes.values()) {
        expect(life.answersTo(wish)).toHaveLength(1);
        expect(life.told).toContainEqual(expect.objectContaining({ to: "person", reply: wish.reply }));
      }
    });
  });

  test("each end that Arga reports is reminded of at most once, and only while the run is ready", () => {
    lives((life) => {
      const reminders = life.told.flatMap(({ what }) => (what.type === "reminder" ? [what.deadline] : []));
      expect(new Set(reminders).size).toBe(reminders.length);
      const afterEnd = life.told.findIndex(({ what }) => what.type === "ended");
      const late = life.told.slice(afterEnd + 1).filter(({ what }) => what.type === "reminder");
      if (afterEnd >= 0) expect(late).toEqual([]);
    });
  });

  test("channels hear of what the thread was told, once, and not that Arga had what it may not have had", () => {
    lives((life) => {
      const heard = life.told.flatMap(({ what }) => (what.type === "event" ? [what.event] : []));
      const count = (...types: string[]): number => life.count(({ what }) => types.includes(what.type));
      expect(heard.filter((event) => event === "ready")).toHaveLength(count("ready"));
      expect(heard.filter((event) => event === "expiring")).toHaveLength(count("reminder"));
      const ends = heard.filter((event) => event === "completed" || event === "failed");
      expect(ends).toHaveLength(life.run.arga ? count("ended") : 0);
    });
  });

  test("nothing is left to be done", () => {
    lives((life) => expect([life.run.phase.name, isDelivered(life.run)]).toEqual(["ended", true]));
  });
});
