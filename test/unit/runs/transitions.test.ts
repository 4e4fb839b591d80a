import { describe, expect, test } from "vitest";
import { actionDone, actionRequested } from "../../../src/runs/actions.ts";
import { messageMoved, messageSent } from "../../../src/runs/outbox.ts";
import type { Run } from "../../../src/runs/run.ts";
import {
  cancelled,
  cardDelayed,
  checked,
  created,
  createRefused,
  createUnknown,
  creating,
  deadlineOf,
  ending,
  lookedAt,
  notCreated,
  observed,
  rejected,
  reminded,
  troubled,
  untroubled,
} from "../../../src/runs/transitions.ts";
import { MINUTE, NOW, newRun, REMIND_BEFORE, runIn, seen, wishOf } from "../support/runs.ts";

/** What the thread and people are told; channels that subscribed hear of less. */
const keys = (run: Run) => run.outbox.flatMap(({ to, key }) => (to === "subscribers" ? [] : [key]));
const notices = (run: Run) => run.outbox.flatMap(({ to, key }) => (to === "subscribers" ? [key] : []));
const see = (run: Run, observation: ReturnType<typeof seen>, now = NOW) =>
  observed(run, observation, now, REMIND_BEFORE);
/** As Slack's side does once it posted everything. */
const allSent = (run: Run) => run.outbox.reduce((next, { key }) => messageSent(next, key), run);

describe("before Arga is asked", () => {
  test("a refusal without a card goes to the requester alone, with a command that works", () => {
    const run = rejected(newRun(), "no such twin", NOW, { tryThis: "/arga twins stripe 60" });
    expect(run.phase).toEqual({ name: "ended", at: NOW, outcome: "refused", why: "no such twin" });
    expect(run.card).toEqual({ state: "none" });
    expect(run.outbox).toMatchObject([{ to: "person", what: { type: "rejected", why: "no such twin" } }]);
    expect(run.outbox).toMatchObject([{ what: { tryThis: "/arga twins stripe 60" } }]);
  });

  test("a refusal when the card may already stand is told below it", () => {
    const run = rejected(newRun({ card: { state: "sending", since: NOW } }), "no such twin", NOW);
    expect(run.outbox).toMatchObject([{ to: "thread", what: { type: "ended" } }]);
    expect(run.phase).toMatchObject({ outcome: "refused", why: "no such twin" });
  });

  test("a run that Arga was asked for is not rejected any more", () => {
    for (const phase of ["creating", "starting", "ready", "ending", "ended"] as const)
      expect(rejected(runIn(phase), "late", NOW)).toEqual(runIn(phase));
  });

  test("checking takes nothing back", () => {
    expect(checked(newRun({ phase: { name: "requested", checked: false } })).phase).toMatchObject({
      checked: true,
    });
    expect(checked(runIn("creating"))).toEqual(runIn("creating"));
  });
});

describe("the create", () => {
  const asked = creating(runIn("requested"), "a1", NOW);

  test("that certainly had no effect may be sent again", () => {
    expect(notCreated(asked).phase).toEqual({ name: "requested", checked: true });
    expect(notCreated(runIn("ready"))).toEqual(runIn("ready"));
  });

  test("that was refused ends the run in Arga's words", () => {
    const run = createRefused(asked, "Monthly free plan limit reached", NOW);
    expect(run.phase).toMatchObject({ outcome: "refused", why: "Monthly free plan limit reached" });
    expect(keys(run)).toEqual(["ended"]);
  });

  test("whose answer was lost ends it as unknown, which is told once", () => {
    const run = createUnknown(createUnknown(asked, "reset", NOW), "reset", NOW);
    expect(run.phase).toMatchObject({ outcome: "unknown" });
    expect(keys(run)).toEqual(["ended"]);
  });

  test("an end stays what it was, and is not told again", () => {
    const ended = allSent(createUnknown(asked, "lost", NOW));
    expect(createUnknown(ended, "again", NOW + 1)).toEqual(ended);
    expect(createRefused(ended, "no", NOW + 1)).toEqual(ended);
    expect(cancelled(ended, NOW + 1)).toEqual(ended);
  });

  test("an answer that comes after the end was told does not lead to a second one", () => {
    const told = allSent(createUnknown(asked, "lost", NOW));
    const late = created(told, { id: "x", status: "queued" }, NOW);
    expect(keys(see(late, seen("ended", { outcome: "expired" })))).toEqual([]);
  });

  test("clears the trouble that kept it", () => {
    const run = troubled(asked, { with: "arga", text: "down", since: NOW });
    expect(created(run, { id: "x", status: "queued" }, NOW)).not.toHaveProperty("trouble");
  });
});

describe("a look at Arga", () => {
  test("that finds it ready tells the thread, once, whatever follows", () => {
    const ready = see(runIn("starting"), seen("ready"));
    expect(keys(ready)).toEqual(["ready"]);
    const back = see(see(allSent(ready), seen("starting")), seen("ready"));
    expect(keys(back)).toEqual([]);
  });

  test("ready is told once however much was asked of the run since", () => {
    let run = allSent(see(runIn("starting"), seen("ready")));
    for (let n = 0; n < 250; n++) {
      const wish = wishOf({ key: `t${n}` });
      run = allSent(actionDone(actionRequested(run, wish), wish, NOW));
    }
    expect(keys(see(see(run, seen("starting")), seen("ready")))).toEqual([]);
  });

  test("keeps Arga's id and its routes, whatever it shows", () => {
    const run = runIn("ready", { arga: { id: "x", legacy: true, status: "ready", links: [] } });
    expect(see(run, seen("ready")).arga).toMatchObject({ id: "x", legacy: true });
  });

  test("an unknown word of Arga's changes no phase and tells nothing", () => {
    const run = see(runIn("ready"), { arga: { status: "hibernating", links: [] } });
    expect(run).toMatchObject({ phase: { name: "ready" }, arga: { status: "hibernating" }, outbox: [] });
  });

  test("an end without an outcome is no success", () => {
    expect(see(runIn("ready"), seen("ended")).phase).toMatchObject({ outcome: "failed" });
  });

  test("that shows the same again leaves the very same record", () => {
    const arga = {
      status: "ready",
      links: [],
      isPublic: true,
      dashboardUrl: "https://app.argalabs.com/runs/a",
    };
    const look = (run: Run): Run => observed(run, seen("ready", { arga }), NOW, REMIND_BEFORE);
    const once = look(runIn("starting", { arga: { id: "a", status: "", links: [] } }));
    expect(JSON.stringify(look(once))).toBe(JSON.stringify(once));
  });

  test("after the end changes nothing", () => {
    const run = runIn("ended");
    expect(see(run, seen("ready", { endsAt: NOW + MINUTE }))).toEqual(run);
  });

  test("of a run that Arga does not have is not taken", () => {
    expect(see(runIn("requested"), seen("ready"))).toEqual(runIn("requested"));
  });

  test("keeps a record small, however much Arga says", () => {
    const links = Array.from({ length: 60 }, (_, n) => ({ label: String(n), url: "https://a.example" }));
    const { arga } = see(runIn("starting"), { state: "ready", arga: { status: "s".repeat(300), links } });
    expect(arga?.status).toBe("s".repeat(100));
    expect(arga?.links).toEqual(links.slice(0, 50));
  });

  test("the end that Arga reports is shown, not a sum", () => {
    const run = see(runIn("ready"), seen("ready", { endsAt: NOW + 7 * MINUTE }));
    expect(run.deadline).toEqual({ at: NOW + 7 * MINUTE, remindAt: NOW + 2 * MINUTE, reminded: false });
  });
});

describe("a look at Arga, with what it's due for", () => {
  const look = (run: Run, more: Parameters<typeof seen>[1] = {}, now = NOW): Run =>
    lookedAt(run, seen("ready", more), now, REMIND_BEFORE);

  test("takes the end that was asked for where Arga says none, and once it's ready", () => {
    const { deadline: _, ...endless } = runIn("ready", { ttlMinutes: 90 });
    const run = look(endless);
    const end = { at: NOW + 90 * MINUTE, remindAt: NOW + 85 * MINUTE, reminded: false };
    expect(run.deadline).toEqual({ ...end, supposed: true });
    expect(look(endless, { endsAt: NOW + 7 * MINUTE }).deadline?.at).toBe(NOW + 7 * MINUTE);
    expect(look(runIn("ready", { deadline: end, ttlMinutes: 30 })).deadline).toEqual(end);
    const starting = lookedAt(
      { ...endless, phase: { name: "starting", since: NOW } },
      seen("starting"),
      NOW,
      0,
    );
    expect(starting).not.toHaveProperty("deadline");
  });

  test("notes when there was something new, and leaves the very same record where there wasn't", () => {
    const first = look(runIn("ready"), {}, NOW + 5);
    expect(first.newsAt).toBe(NOW + 5);
    expect(look(first, {}, NOW + 9)).toBe(first);
    const due = look(first, {}, NOW + 56 * MINUTE);
    expect(due).toMatchObject({ newsAt: NOW + 56 * MINUTE, deadline: { reminded: true } });
    expect(keys(due)).toContainEqual(expect.stringMatching(/^reminder:/));
  });
});

describe("how long a run took", () => {
  const { startedAt: _, ...fresh } = runIn("running", { startedAt: NOW });

  test("counts from its start, unless Arga said so", () => {
    expect(cancelled({ ...fresh, startedAt: NOW }, NOW + 7).tookMs).toBe(7);
    expect(cancelled({ ...fresh, startedAt: NOW, tookMs: 3 }, NOW + 7).tookMs).toBe(3);
    expect(cancelled(fresh, NOW + 7)).not.toHaveProperty("tookMs");
  });
});

describe("the reminder", () => {
  const due = NOW + 55 * MINUTE;

  test("is due so long before the end, or at half of a time that is shorter", () => {
    expect(deadlineOf(NOW + 60 * MINUTE, NOW, REMIND_BEFORE).remindAt).toBe(due);
    expect(deadlineOf(NOW + 4 * MINUTE, NOW, REMIND_BEFORE).remindAt).toBe(NOW + 2 * MINUTE);
  });

  test("comes when it is due, once, and not before", () => {
    expect(keys(reminded(runIn("ready"), due - 1))).toEqual([]);
    const run = reminded(runIn("ready"), due);
    expect(keys(run)).toEqual([`reminder:${NOW + 60 * MINUTE}`]);
    expect(keys(reminded(allSent(run), due + 1))).toEqual([]);
  });

  test("does not come when it is too late for one", () => {
    expect(keys(reminded(runIn("ready"), NOW + 60 * MINUTE))).toEqual([]);
  });

  test.each(["requested", "creating", "starting", "ending", "ended"] as const)(
    "does not come while %s",
    (name) => {
      const deadline = { at: NOW + 60 * MINUTE, remindAt: due, reminded: false };
      expect(keys(reminded(runIn(name, { deadline }), due))).toEqual([]);
    },
  );

  test("is armed again by another end, not by the same one a moment off", () => {
    const run = allSent(reminded(runIn("ready"), due));
    const same = see(run, seen("ready", { endsAt: NOW + 60 * MINUTE + 999 }), due);
    expect(keys(reminded(same, due + 2_000))).toEqual([]);
    const other = see(run, seen("ready", { endsAt: NOW + 90 * MINUTE }), due);
    expect(keys(reminded(other, NOW + 86 * MINUTE))).toEqual([`reminder:${NOW + 90 * MINUTE}`]);
  });

  test("is not repeated when a stale look shows the former end once more", () => {
    const first = allSent(reminded(runIn("ready"), due));
    const extended = see(first, seen("ready", { endsAt: NOW + 90 * MINUTE }), due);
    const stale = see(extended, seen("ready", { endsAt: NOW + 60 * MINUTE }), due + 1);
    expect(keys(reminded(stale, due + 4 * MINUTE))).toEqual([]);
  });

  test("that was not posted before the end is dropped; one that may be on its way is looked for", () => {
    const run = reminded(runIn("ready"), due);
    expect(keys(see(run, seen("ended", { outcome: "expired" }), due))).toEqual(["ended"]);
    const sending = messageMoved(run, `reminder:${NOW + 60 * MINUTE}`, due);
    expect(keys(see(sending, seen("ended"), due))).toHaveLength(2);
  });

  test("that turns out not to have been posted is not posted after the end", () => {
    const key = `reminder:${NOW + 60 * MINUTE}`;
    const ended = see(messageMoved(reminded(runIn("ready"), due), key, due), seen("ended"), due);
    expect(keys(messageMoved(ended, key, undefined))).toEqual(["ended"]);
  });
});

describe("trouble", () => {
  test("counts from its first moment, through other words, until it is over", () => {
    const first = troubled(runIn("ready"), { with: "arga", text: "reset", since: NOW });
    const second = troubled(first, { with: "arga", text: "502", since: NOW + 9 });
    expect(second.trouble).toEqual({ with: "arga", text: "502", since: NOW });
    expect(troubled(first, { with: "arga", text: "reset", since: NOW + 9 })).toEqual(first);
    expect(untroubled(second)).toEqual(runIn("ready"));
    expect(see(second, seen("ready"))).not.toHaveProperty("trouble");
  });

  test("that keeps the card away is told to the requester once, with the reason", () => {
    const stuck = troubled(newRun(), { with: "slack", text: "down", since: NOW });
    const run = cardDelayed(stuck, NOW);
    expect(run.outbox).toMatchObject([{ to: "person", what: { type: "card_delayed", why: "down" } }]);
    expect(keys(cardDelayed(allSent(run), NOW))).toEqual([]);
    expect(keys(cardDelayed(runIn("ready"), NOW))).toEqual([]);
  });
});

describe("channels that subscribed", () => {
  const due = NOW + 55 * MINUTE;
  const expiring = `notice:expiring:${NOW + 60 * MINUTE}`;

  test("hear once that it is ready, whatever follows", () => {
    const ready = see(runIn("starting"), seen("ready"));
    expect(notices(ready)).toEqual(["notice:ready"]);
    expect(notices(see(see(allSent(ready), seen("starting")), seen("ready")))).toEqual([]);
  });

  test("hear once for each of its ends that it ends soon", () => {
    const run = reminded(runIn("ready"), due);
    expect(notices(run)).toEqual([expiring]);
    expect(notices(reminded(allSent(run), due + 1))).toEqual([]);
    const extended = see(allSent(run), seen("ready", { endsAt: NOW + 90 * MINUTE }), due);
    expect(notices(reminded(extended, NOW + 86 * MINUTE))).toEqual([`notice:expiring:${NOW + 90 * MINUTE}`]);
  });

  test("hear nothing of what Arga never had, or may not have, though it had an earlier try of it", () => {
    for (const end of [createRefused, createUnknown])
      expect(notices(end(runIn("ready"), "no", NOW)), end.name).toEqual([]);
    expect(notices(cancelled(runIn("requested"), NOW))).toEqual([]);
  });

  test.each([
    ["passed", "completed"],
    ["torn_down", "completed"],
    ["expired", "completed"],
    ["cancelled", "completed"],
    ["lost", "failed"],
    ["failed", "failed"],
  ] as const)("hear once of the end of a run that %s: %s", (outcome, event) => {
    const run = see(runIn("ready"), seen("ended", { outcome }));
    expect(notices(run)).toEqual([`notice:${event}`]);
    expect(run.outbox.at(-1)?.key).toBe("ended");
    expect(notices(see(run, seen("ended", { outcome })))).toEqual([`notice:${event}`]);
    expect(notices(see(allSent(run), seen("ended", { outcome })))).toEqual([]);
  });

  test("hear nothing of what Arga did not take, or may not have", () => {
    const asked = creating(runIn("requested"), "a1", NOW);
    for (const run of [
      rejected(newRun(), "no such twin", NOW),
      rejected(newRun({ card: { state: "sending", since: NOW } }), "no such twin", NOW),
      createRefused(asked, "quota", NOW),
      createUnknown(asked, "lost", NOW),
      cancelled(runIn("requested"), NOW),
    ])
      expect([run.phase.name, notices(run)]).toEqual(["ended", []]);
  });

  test("do not hear that it ends soon once it ended, unless that may be on its way", () => {
    const run = reminded(runIn("ready"), due);
    expect(notices(see(run, seen("ended", { outcome: "expired" }), due))).toEqual(["notice:completed"]);
    const sending = see(messageMoved(run, expiring, due), seen("ended", { outcome: "expired" }), due);
    expect(notices(sending)).toEqual([expiring, "notice:completed"]);
    expect(notices(messageMoved(sending, expiring, undefined))).toEqual(["notice:completed"]);
  });
});

test("an end that was asked for may take Arga fifteen seconds to show; until then it's shown all the same", () => {
  const ends = runIn("ending");
  expect(see(ends, seen("ready"), NOW + 14_999).phase.name).toBe("ending");
  expect(see(ends, seen("ready"), NOW + 15_000).phase.name).toBe("ready");
  expect(see(ends, seen("ended", { outcome: "torn_down" }), NOW + 1).phase.name).toBe("ended");
  // Only an end is waited for.
  expect(see(runIn("starting"), seen("ready"), NOW + 1).phase.name).toBe("ready");
});

describe("an end that Arga said yes to", () => {
  test.each(["starting", "running", "ready"] as const)("begins from now: a run that is %s", (phase) => {
    expect(ending(runIn(phase), NOW + 7).phase).toEqual({ name: "ending", since: NOW + 7 });
  });

  test.each(["ending", "ended"] as const)("changes nothing of a run that is %s", (phase) => {
    const run = runIn(phase);
    expect(ending(run, NOW + 7)).toBe(run);
  });
});
