import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SlackMessage } from "../../../sim/slack/server.ts";
import { postThreadMessage } from "../../../src/jobs/slack/post-message.ts";
import { reconcileSlack } from "../../../src/jobs/slack/reconcile.ts";
import type { Message, Run, ThreadMessage } from "../../../src/runs/run.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { payloadOf, textOf } from "../../support/life.ts";
import { type Bench, ownClock, startBench } from "../support/notices.ts";
import { newRun, runIn } from "../support/runs.ts";

/** A run's record and the worker that brings Slack in line with it, without a queue: each net by itself. */

let bench: Bench;
beforeEach(async () => {
  ownClock();
  bench = await startBench();
});
afterEach(async () => {
  await bench.stop();
  vi.useRealTimers();
});

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const POST = "chat.postMessage";
const EDIT = "chat.update";

async function kept(run: Run): Promise<Run> {
  const { slack, side } = bench;
  const requester = { id: slack.user("alice").id, name: "ada" };
  const channel = slack.channel("dev").id;
  const reply = { user: requester.id, channel, at: Date.now() };
  const own = { ...run, team: slack.teamId, id: RunStore.newId(), channel, requester, reply };
  await side.store.create(own, { name: own.id });
  return own;
}

const asked = (more: Partial<Run> = {}): Promise<Run> => kept(newRun({ requestedAt: Date.now(), ...more }));
const step = (run: Run) => reconcileSlack(bench.side)(run);
const stepInPlaceOf = async (run: Run, change: (run: Run) => Run) => {
  await bench.side.store.updateNewest(run, change);
  return await step(run);
};
const read = async (run: Run): Promise<Run> => (await bench.side.store.get(run)) ?? run;
const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);
const calls = (method: string) => bench.slack.log.filter((entry) => entry.method === method);
const cards = (): SlackMessage[] =>
  bench.slack.messages("dev").filter((message) => payloadOf(message)?.role === "card");
const inThread = (run: Run): SlackMessage[] => {
  const { card } = run;
  return card.state === "posted" ? bench.slack.messages("dev", { thread: card.ts }) : [];
};

/** Whenever it says so, until it does not want to look again. */
async function settled(run: Run): Promise<Run> {
  for (let looks = 0; looks < 30; looks++) {
    const { requeueAt } = (await step(run)) ?? {};
    if (requeueAt === undefined) break;
    vi.setSystemTime(Math.max(Date.now(), requeueAt));
  }
  return await read(run);
}

describe("a card", () => {
  test("is posted once, though three workers are at it", async () => {
    const run = await asked();
    await Promise.all([step(run), step(run), step(run)]);
    pass(2 * SECOND);
    await Promise.all([step(run), step(run)]);
    expect(cards()).toHaveLength(1);
    expect(calls(POST)).toHaveLength(1);
    expect((await read(run)).card.state).toBe("posted");
  });

  test("that another worker took up in between isn't posted", async () => {
    const run = await asked();
    const stale = await bench.side.store.get(run);
    await bench.side.store.update(run, (now) => ({
      ...now,
      card: { state: "sending", since: Date.now() - 100 },
    }));
    const store = new Proxy(bench.side.store, {
      get: (target, name) => {
        if (name === "get") return async () => stale;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await reconcileSlack({ ...bench.side, store })(run).catch(() => {});
    expect(calls(POST)).toEqual([]);
  });

  test("waits for its names to be checked, for two and a half seconds", async () => {
    const run = await asked({ phase: { name: "requested", checked: false } });
    expect((await step(run))?.requeueAt).toBe(run.requestedAt + 2_500);
    pass(2_499);
    await step(run);
    expect(cards()).toEqual([]);
    pass(1);
    await step(run);
    expect(cards()).toHaveLength(1);
  });

  test("that can't be posted for half a minute is spoken of to the requester, once", async () => {
    bench.slack.fault({ method: POST, status: 503 });
    const run = await asked();
    await step(run);
    pass(29 * SECOND);
    await step(run);
    expect((await read(run)).seenKeys).toEqual([]);
    pass(1 * SECOND);
    await step(run);
    await step(run);
    expect((await read(run)).seenKeys).toEqual(["unheard"]);
    expect(calls("chat.postEphemeral")).toHaveLength(1);
  });

  test("has Arga asked once it stands", async () => {
    const poked: string[] = [];
    const queues = new Proxy(bench.side.queues, {
      get: (_, name) => async (queue: string) => void poked.push(`${String(name)} ${queue}`),
    });
    await reconcileSlack({ ...bench.side, queues })(await asked());
    expect(poked).toEqual(["enqueue arga"]);
    poked.length = 0;
    const elsewhere = await kept(runIn("ready", { card: { state: "due" } }));
    pass(2 * SECOND);
    await reconcileSlack({ ...bench.side, queues })(elsewhere);
    expect(poked).toEqual([]);
  });

  test("where the bot may not post ends the request, and tells the requester alone", async () => {
    bench.slack.fault({ method: POST, error: "not_in_channel" });
    const run = await settled(await asked());
    expect(run).toMatchObject({ card: { state: "none" }, phase: { name: "ended", outcome: "refused" } });
    expect(calls("chat.postEphemeral")).toHaveLength(1);
  });

  test("that the token alone keeps from being posted ends nothing", async () => {
    bench.slack.fault({ method: POST, error: "invalid_auth" });
    const run = await asked();
    expect((await step(run))?.requeueAt).toBeGreaterThan(Date.now());
    expect((await read(run)).card).toEqual({ state: "due" });
    expect((await read(run)).phase.name).toBe("requested");
  });
});

describe("an edit", () => {
  const standing = async (more: Partial<Run> = {}): Promise<Run> => {
    const run = await asked(more);
    await step(run);
    return await read(run);
  };
  const starting = (now: Run): Run => ({ ...now, phase: { name: "starting", since: Date.now() } });
  const ready = (now: Run): Run => ({ ...now, phase: { name: "ready", since: Date.now() } });

  test("comes a second after the one before, and no sooner", async () => {
    const run = await standing();
    const at = Date.now();
    pass(400);
    expect((await stepInPlaceOf(run, starting))?.requeueAt).toBe(at + SECOND);
    expect(calls(EDIT)).toEqual([]);
    pass(600);
    await step(run);
    expect(calls(EDIT)).toHaveLength(1);
    await step(run);
    expect(calls(EDIT)).toHaveLength(1);
  });

  test("to ready, and to the end, doesn't wait", async () => {
    const run = await standing();
    await stepInPlaceOf(run, ready);
    expect(calls(EDIT)).toHaveLength(1);
    await stepInPlaceOf(run, (now) => ({
      ...now,
      phase: { name: "ended", at: Date.now(), outcome: "torn_down" },
    }));
    expect(calls(EDIT)).toHaveLength(2);
  });

  test("of what is ready already waits as any other", async () => {
    const run = await standing();
    await stepInPlaceOf(run, ready);
    const deadline = { at: Date.now() + HOUR, remindAt: Date.now() + 55 * MINUTE, reminded: false };
    expect((await stepInPlaceOf(run, (now) => ({ ...now, deadline })))?.requeueAt).toBe(Date.now() + SECOND);
    expect(calls(EDIT)).toHaveLength(1);
  });

  test.each(["message_not_found", "cant_update_message", "edit_window_closed"])(
    "that can't be made any more (%s) is a new card",
    async (error) => {
      const run = await standing();
      bench.slack.fault({ method: EDIT, error, times: 1 });
      pass(2 * SECOND);
      await stepInPlaceOf(run, starting);
      await settled(run);
      expect(calls(POST)).toHaveLength(2);
    },
  );

  test("that fails otherwise is made again, on the same card", async () => {
    const run = await standing();
    bench.slack.fault({ method: EDIT, status: 503, times: 1 });
    pass(2 * SECOND);
    const { requeueAt = 0 } = (await stepInPlaceOf(run, starting)) ?? {};
    expect(requeueAt - Date.now()).toBeGreaterThanOrEqual(1_500);
    expect(requeueAt - Date.now()).toBeLessThanOrEqual(2_500);
    await settled(run);
    expect(calls(POST)).toHaveLength(1);
    expect(calls(EDIT)).toHaveLength(2);
  });

  test("says how late a new phase was shown, once", async () => {
    const lags: number[] = [];
    const run = await standing();
    await bench.side.store.updateNewest(run, ready);
    pass(3 * SECOND);
    const side = { ...bench.side, lag: { observe: (seconds: number) => void lags.push(seconds) } };
    await reconcileSlack(side)(run);
    expect(lags).toEqual([3]);
  });
});

describe("the thread", () => {
  const steps = {
    to: "thread",
    key: "steps:a",
    what: {
      type: "steps",
      steps: [{ key: "a", text: "Open", state: "done" }],
      since: Date.UTC(2026, 9, 1, 12),
    },
  } satisfies ThreadMessage;
  const end: ThreadMessage = { to: "thread", key: "ended", what: { type: "ended" } };
  const testing = (outbox: Message[]): Promise<Run> =>
    asked({
      kind: "test",
      spec: { url: "https://shop.example.com", prompt: "pay" },
      phase: { name: "running", since: Date.now() },
      arga: { id: "t1", status: "running", links: [] },
      outbox,
    });

  test("gathers steps for two and a half seconds", async () => {
    const run = await testing([steps]);
    await step(run);
    pass(2_499);
    await step(run);
    expect(inThread(await read(run))).toEqual([]);
    pass(1);
    await step(run);
    expect(inThread(await read(run))).toHaveLength(1);
    expect((await read(run)).outbox).toEqual([]);
  });

  test("hears of them at once with the end, before it", async () => {
    const run = await testing([steps, end]);
    await bench.side.store.updateNewest(run, (now) => ({
      ...now,
      phase: { name: "ended", at: Date.now(), outcome: "passed" },
    }));
    const after = await settled(run);
    expect(inThread(after).map((message) => payloadOf(message)?.key)).toEqual(["steps:a", "ended"]);
    expect(Date.now()).toBeLessThan(Date.UTC(2026, 9, 1, 12) + 2_500 + 1_200);
  });

  describe("of a run whose steps were told", () => {
    const stepOf = (n: number) => ({ key: `s${n}`, text: `Step ${n}`, state: "done" as const });
    const first = {
      to: "thread",
      key: "steps",
      what: { type: "steps", steps: [stepOf(1)], since: 0, isStory: true },
    };

    /** One step stands in the thread, and another came. */
    async function toldOnce(): Promise<Run> {
      const run = await testing([]);
      await settled(run);
      pass(2 * SECOND);
      await bench.side.store.updateNewest(run, (now) => ({
        ...now,
        outbox: [first as ThreadMessage],
        story: { steps: [stepOf(1)], earlier: 0 },
      }));
      const told = await settled(run);
      expect(inThread(told).map(({ text }) => text)).toEqual([expect.stringContaining("Step 1")]);
      await another(told);
      return await read(run);
    }
    const another = (run: Run) =>
      bench.side.store.updateNewest(run, (now) => ({
        ...now,
        story: { ...now.story, steps: [stepOf(1), stepOf(2)], earlier: 0 },
      }));
    const storyText = async (run: Run): Promise<string | undefined> => inThread(await read(run))[0]?.text;

    test("has the next ones in the same message, five seconds later", async () => {
      const run = await toldOnce();
      const since = run.story?.posted?.at ?? 0;
      expect((await step(run))?.requeueAt).toBe(since + 5 * SECOND);
      expect(await storyText(run)).not.toContain("Step 2");
      pass(since + 5 * SECOND - Date.now());
      const after = await settled(run);
      expect(await storyText(run)).toMatch(/Step 1[\s\S]*Step 2/);
      expect(inThread(after)).toHaveLength(1);
      expect(after.story?.posted).toMatchObject({ count: 2, at: Date.now() });
      const edits = calls(EDIT).length;
      await settled(run);
      expect(calls(EDIT)).toHaveLength(edits);
    });

    test("has them at once when it is over", async () => {
      const run = await toldOnce();
      await bench.side.store.updateNewest(run, (now) => ({
        ...now,
        phase: { name: "ended", at: Date.now(), outcome: "passed" },
      }));
      const before = Date.now();
      await step(run);
      expect(Date.now()).toBe(before);
      expect(await storyText(run)).toContain("Step 2");
    });

    test("is left alone where somebody deleted that message", async () => {
      const run = await toldOnce();
      const ts = run.story?.posted?.ts;
      bench.slack.fault({ method: EDIT, error: "message_not_found", times: 1 });
      pass(6 * SECOND);
      const after = await settled(run);
      expect(after.story?.posted).toMatchObject({ ts, count: 2 });
      expect(after.trouble).toBeUndefined();
    });

    test("is tried again after Slack's pause", async () => {
      const run = await toldOnce();
      bench.slack.fault({ method: EDIT, status: 429, retryAfter: 7, times: 1 });
      pass(6 * SECOND);
      const begun = Date.now();
      await settled(run);
      expect(await storyText(run)).toContain("Step 2");
      expect(Date.now() - begun).toBeGreaterThanOrEqual(7 * SECOND);
    });
  });

  describe("of a run that is over before its steps were told", () => {
    const opened = { key: "a", text: "Open the shop", state: "done" } as const;
    const story: ThreadMessage = {
      to: "thread",
      key: "steps",
      what: { type: "steps", steps: [opened], since: Date.UTC(2026, 9, 1, 12), isStory: true },
    };
    const untold = () => ({
      outbox: [story, end],
      story: { steps: [opened], earlier: 0 },
      phase: { name: "ended" as const, at: Date.now(), outcome: "passed" as const },
    });
    const told = async (run: Run) =>
      inThread(await settled(run)).map((message) => [payloadOf(message)?.key, textOf(message)]);
    const withStep = expect.stringContaining("Open the shop");
    const without = expect.not.stringContaining("Open the shop");

    test("hears of them in a message of their own, where Slack takes it at once", async () => {
      const run = await testing([]);
      await settled(run);
      pass(2 * SECOND);
      await bench.side.store.updateNewest(run, (now) => ({ ...now, ...untold() }));
      expect(await told(run)).toEqual([
        ["steps", withStep],
        ["ended", without],
      ]);
    });

    test("hears of them with the end, where Slack keeps it waiting", async () => {
      const run = await testing([]);
      await bench.side.store.updateNewest(run, (now) => ({ ...now, ...untold() }));
      // Its card was posted just before.
      expect(await told(run)).toEqual([["ended", withStep]]);
    });
  });

  test("is told once by two workers", async () => {
    const run = await testing([end]);
    await step(run);
    pass(5 * SECOND);
    await Promise.all([step(run), step(run), step(run)]);
    const after = await settled(run);
    expect(inThread(after)).toHaveLength(1);
    const later = await bench.side.store.updateNewest(run, (now) => ({ ...now, outbox: [end] }));
    pass(5 * SECOND);
    const sending = { ...end, sendingSince: Date.now() - 100 };
    // The worker holds what it read before another one took the message up.
    const held = later ?? run;
    await bench.side.store.update(held, (now) => ({ ...now, outbox: [sending] }));
    const before = calls(POST).length;
    await postThreadMessage(bench.side, held, end);
    expect(calls(POST)).toHaveLength(before);
  });
});

describe("an answer to one person", () => {
  const reply = (since: number, more: Partial<Extract<Message, { to: "person" }>> = {}): Message => ({
    to: "person",
    key: "done:a",
    what: { type: "done", action: "lock" },
    reply: { user: bench.slack.user("alice").id, channel: bench.slack.channel("dev").id, at: Date.now() },
    since,
    ...more,
  });
  const told = () => calls("chat.postEphemeral");
  const withReply = (message: Message) =>
    kept(runIn("ready", { card: { state: "none" }, outbox: [message] }));

  test("is given for an hour, and then let go", async () => {
    const run = await settled(await withReply(reply(Date.now() - 59 * MINUTE)));
    expect(told()).toHaveLength(1);
    expect(run.outbox).toEqual([]);
    const late = await settled(await withReply(reply(Date.now() - 61 * MINUTE)));
    expect(told()).toHaveLength(1);
    expect(late.outbox).toEqual([]);
  });

  test("that may have been given isn't repeated when it was done, and is when it was not", async () => {
    await settled(await withReply(reply(Date.now(), { sendingSince: Date.now() - SECOND })));
    expect(told()).toEqual([]);
    const what = { type: "not_done", action: "lock", why: "it's already locked" } as const;
    await settled(await withReply(reply(Date.now(), { sendingSince: Date.now() - SECOND, what })));
    expect(told()).toHaveLength(1);
  });

  test("that Slack limits is given later", async () => {
    bench.slack.fault({ method: "chat.postEphemeral", retryAfter: 20, times: 1 });
    const run = await withReply(reply(Date.now()));
    expect((await step(run))?.requeueAt).toBe(Date.now() + 20 * SECOND);
    expect((await read(run)).outbox).toMatchObject([{ key: "done:a" }]);
    expect((await read(run)).outbox[0]?.sendingSince).toBeUndefined();
    await settled(run);
    expect(told()).toHaveLength(2);
  });
});

test("what couldn't be told for a day after the end is let go, and not before", async () => {
  bench.slack.fault({ method: POST, error: "invalid_auth" });
  const endedFor = (ms: number) =>
    kept(
      runIn("ended", {
        phase: { name: "ended", at: Date.now() - ms, outcome: "torn_down" },
        outbox: [{ to: "thread", key: "ended", what: { type: "ended" } }],
        card: { state: "due" },
      }),
    );
  const early = await endedFor(23 * HOUR);
  await step(early);
  expect((await read(early)).outbox).toHaveLength(1);
  const late = await endedFor(25 * HOUR);
  await step(late);
  expect(await read(late)).toMatchObject({ outbox: [], card: { state: "none" } });
  expect(await bench.side.store.live()).toEqual([{ team: early.team, id: early.id }]);
});

test("a channel that takes nothing any more has the end told to the requester alone", async () => {
  const run = await asked({ phase: { name: "ready", since: Date.now() } });
  await step(run);
  pass(2 * SECOND);
  bench.slack.fault({ method: /^chat\.(update|postMessage)$/, error: "is_archived" });
  await bench.side.store.updateNewest(run, (now) => ({
    ...now,
    phase: { name: "ended", at: Date.now(), outcome: "expired" },
    outbox: [{ to: "thread", key: "ended", what: { type: "ended" } }],
  }));
  const after = await settled(run);
  expect(after).toMatchObject({ card: { state: "none" }, outbox: [] });
});

test("a job that ends while something else was written says so", async () => {
  const run = await asked();
  const result = await step(run);
  expect(await result?.isStale?.()).toBe(false);
  await bench.side.store.updateNewest(run, (now) => ({ ...now, seenKeys: ["x"] }));
  expect(await result?.isStale?.()).toBe(true);
});

describe("the edits of a busy workspace", () => {
  const posted = (shown: Run["phase"]["name"]): Run["card"] => ({
    state: "posted",
    ts: "1.2",
    hash: "",
    shown,
    at: Date.now() - 2 * SECOND,
  });
  const busy = async (): Promise<void> => {
    for (let n = 0; n < 20; n++) await asked();
  };
  const live = async (name: "starting" | "running" | "ready" | "ended", more: Partial<Run> = {}) => {
    const first = await asked();
    await step(first);
    const run = await read(first);
    const ts = run.card.state === "posted" ? run.card.ts : "";
    const card = { ...posted("requested"), ts };
    const { phase } = runIn(name);
    return { run, ts, card, change: (now: Run): Run => ({ ...now, phase, card, ...more }) };
  };

  test("aren't spent on a card that shows only how far Arga has come", async () => {
    const { run, change } = await live("starting");
    await busy();
    const before = calls(EDIT).length;
    await stepInPlaceOf(run, change);
    expect(calls(EDIT)).toHaveLength(before);
  });

  test("are spent at once on ready, on the end, on the first failure and on a press", async () => {
    const failed = { key: "s1", text: "pays", state: "failed" } as const;
    const turns: [Parameters<typeof live>[0], Partial<Run>][] = [
      ["ready", {}],
      ["ended", {}],
      ["running", { progress: { last: [failed], reportedKeys: ["s1"], count: 1, failed } }],
    ];
    await busy();
    for (const [name, more] of turns) {
      const { run, change } = await live(name, more);
      const before = calls(EDIT).length;
      await stepInPlaceOf(run, change);
      expect(calls(EDIT), name).toHaveLength(before + 1);
    }
  });

  test("go to a failure once: the next step waits for its share", async () => {
    const failed = { key: "s1", text: "pays", state: "failed" } as const;
    const progress = { last: [failed], reportedKeys: ["s1"], count: 1, failed };
    const { run, change } = await live("running", { progress });
    await busy();
    await stepInPlaceOf(run, change);
    const before = calls(EDIT).length;
    pass(2 * SECOND);
    const next = { key: "s2", text: "ships", state: "done" } as const;
    await stepInPlaceOf(run, (now) => ({
      ...now,
      progress: { ...progress, last: [failed, next], count: 2 },
    }));
    expect(calls(EDIT)).toHaveLength(before);
  });
});
