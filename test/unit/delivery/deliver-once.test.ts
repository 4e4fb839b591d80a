import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SlackMessage } from "../../../sim/slack/server.ts";
import { deliverOnce, type Ledger, type Outgoing } from "../../../src/delivery/deliver-once.ts";
import { SlackRefused } from "../../../src/slack/errors.ts";
import { StoreUnavailable } from "../../../src/store/redis.ts";
import { textContent } from "../../../src/views/replies.ts";
import { payloadOf } from "../../support/life.ts";
import { type Bench, ownClock, startBench } from "../support/notices.ts";

let bench: Bench;
let record: Record;

/** A message's record, which remembers what was written into it. */
interface Record {
  sendingSince?: number;
  ts?: string;
  writes: string[];
}

beforeEach(async () => {
  ownClock();
  bench = await startBench();
  record = { writes: [] };
});

afterEach(async () => {
  await bench.stop();
  vi.useRealTimers();
});

const POST = "chat.postMessage";
const RUN = { id: "k7m2qx", kind: "twin" } as const;

const write = async (what: string, more: Omit<Record, "writes">): Promise<Record> => {
  record = { ...more, writes: [...record.writes, what] };
  return record;
};

const ledger: Ledger<Record> = {
  begin: async (_, since) => ({
    state: await write("begin", { sendingSince: since }),
    content: textContent("It is ready."),
  }),
  confirmed: (_, { ts }) => write("confirmed", { ts }),
  unclear: (_, since) => write("unclear", { sendingSince: since }),
  dueAgain: () => write("due", {}),
};

const outgoing = (more: Partial<Outgoing> = {}): Outgoing => ({
  team: bench.slack.teamId,
  channel: bench.slack.channel("dev").id,
  run: RUN,
  role: "thread",
  key: "ready",
  sendingSince: record.sendingSince,
  ...more,
});

const deliver = (more: Partial<Outgoing> = {}, to = ledger) =>
  deliverOnce(bench.side, outgoing(more), to, record);

/** Tries whenever it says so, until there is nothing left to do. */
async function deliverToTheEnd(more: Partial<Outgoing> = {}, to = ledger): Promise<void> {
  for (let tries = 0; record.ts === undefined && tries < 20; tries++) {
    const { requeueAt, refused } = await deliver(more, to);
    if (refused) throw refused;
    vi.setSystemTime(Math.max(Date.now(), requeueAt ?? 0));
  }
}

const calls = (method: string) => bench.slack.log.filter((entry) => entry.method === method);
const posted = (channel = "dev", thread?: string): SlackMessage[] =>
  bench.slack.messages(channel, thread === undefined ? {} : { thread });

describe("a message", () => {
  test("is posted with its name, after that was written down, and then confirmed", async () => {
    const stood: number[] = [];
    const { state } = await deliver(
      {},
      {
        ...ledger,
        begin: (now, since) => {
          stood.push(posted().length);
          return ledger.begin(now, since);
        },
      },
    );
    expect(stood).toEqual([0]);
    const [message] = posted();
    expect(payloadOf(message as SlackMessage)).toEqual({
      run_id: RUN.id,
      kind: "twin",
      role: "thread",
      key: "ready",
    });
    expect(state).toEqual({ ts: message?.ts, writes: ["begin", "confirmed"] });
  });

  test("goes into its thread", async () => {
    await deliverToTheEnd();
    const root = record.ts ?? "";
    record = { writes: [] };
    vi.setSystemTime(Date.now() + 2_000);
    await deliverToTheEnd({ threadTs: root, key: "ended" });
    expect(posted("dev", root).map((message) => payloadOf(message)?.key)).toEqual(["ended"]);
  });

  test("is not posted if somebody else is at it", async () => {
    const taken: Ledger<Record> = { ...ledger, begin: async (state) => ({ state }) };
    expect(await deliver({}, taken)).toEqual({ state: record });
    expect(calls(POST)).toEqual([]);
  });

  test("waits for its turn, and writes nothing until then", async () => {
    await deliver({ key: "first" });
    record = { writes: [] };
    const { requeueAt } = await deliver({ key: "second" });
    expect(requeueAt).toBeGreaterThan(Date.now());
    expect(record.writes).toEqual([]);
    vi.setSystemTime(requeueAt ?? 0);
    await deliver({ key: "second" });
    expect(posted()).toHaveLength(2);
  });
});

describe("after an answer that was lost", () => {
  test("of a post that Slack took, it is found and confirmed", async () => {
    bench.slack.fault({ method: POST, action: "lose", times: 1 });
    const begun = Date.now();
    expect(await deliver()).toMatchObject({ requeueAt: begun + 1_500 });
    await deliverToTheEnd();
    expect(posted()).toHaveLength(1);
    expect(record).toEqual({ ts: posted()[0]?.ts, writes: ["begin", "unclear", "confirmed"] });
  });

  test("in a thread, the thread is read", async () => {
    await deliverToTheEnd();
    const root = record.ts ?? "";
    record = { writes: [] };
    vi.setSystemTime(Date.now() + 2_000);
    bench.slack.fault({ method: POST, action: "lose", times: 1 });
    await deliverToTheEnd({ threadTs: root, key: "ended" });
    expect(posted("dev", root)).toHaveLength(1);
    expect(calls("conversations.replies")).toHaveLength(1);
    expect(calls("conversations.history")).toEqual([]);
  });

  test.each([["reset"], ["a bad gateway"]])(
    "of a post that Slack never had (%s), it is posted again",
    async (how) => {
      bench.slack.fault({
        method: POST,
        times: 1,
        ...(how === "reset" ? { action: "reset" } : { status: 502 }),
      });
      await deliverToTheEnd();
      expect(posted()).toHaveLength(1);
      expect(record.writes).toEqual(["begin", "unclear", "due", "begin", "confirmed"]);
    },
  );

  test("nothing is read before it can be", async () => {
    const sendingSince = Date.now() - 1_000;
    expect(await deliver({ sendingSince })).toEqual({ state: record, requeueAt: sendingSince + 1_500 });
    expect(bench.slack.log).toEqual([]);
  });

  test("another message of the run, or another run's, is not taken for it", async () => {
    await deliver({ key: "steps" });
    vi.setSystemTime(Date.now() + 2_000);
    await deliver({ run: { ...RUN, id: "other1" } });
    vi.setSystemTime(Date.now() + 2_000);
    record = { writes: [], sendingSince: Date.now() - 1_500 };
    await deliver();
    expect(record.writes).toEqual(["due"]);
  });

  test("that came late, it is looked for late: Slack may be slow too", async () => {
    const slow: Ledger<Record> = {
      ...ledger,
      begin: async (state, since) => {
        const begun = await ledger.begin(state, since);
        vi.setSystemTime(since + 6_000);
        return begun;
      },
    };
    bench.slack.fault({ method: POST, action: "reset", times: 1 });
    const { requeueAt } = await deliver({}, slow);
    expect(requeueAt).toBe(Date.now() + 15_000);
  });

  test("it is still on its way while reading back fails", async () => {
    bench.slack.fault({ method: POST, action: "lose", times: 1 });
    bench.slack.fault({ method: "conversations.history", retryAfter: 7, times: 1 });
    bench.slack.fault({ method: "conversations.history", after: 1, error: "invalid_auth", times: 1 });
    vi.setSystemTime((await deliver()).requeueAt ?? 0);
    const limited = await deliver();
    expect(limited.requeueAt).toBe(Date.now() + 7_000);
    vi.setSystemTime(limited.requeueAt ?? 0);
    const refused = await deliver();
    expect(refused.requeueAt).toBe(Date.now() + 5 * 60_000);
    expect(record.writes).toEqual(["begin", "unclear"]);
    vi.setSystemTime(refused.requeueAt ?? 0);
    await deliverToTheEnd();
    expect(posted()).toHaveLength(1);
  });

  test.each(["missing_scope", "not_in_channel", "channel_not_found"])(
    "it is posted again where nothing can be read back (%s)",
    async (error) => {
      bench.slack.fault({ method: POST, action: "reset", times: 1 });
      bench.slack.fault({ method: "conversations.history", error });
      await deliverToTheEnd();
      expect(posted()).toHaveLength(1);
    },
  );
});

test("a process that cannot write down what it posted does not post it again", async () => {
  const away: Ledger<Record> = {
    ...ledger,
    confirmed: () => Promise.reject(new StoreUnavailable(new Error("away"))),
  };
  await expect(deliver({}, away)).rejects.toThrow(StoreUnavailable);
  expect(record.writes).toEqual(["begin"]);
  vi.setSystemTime(Date.now() + 2_000);
  await deliverToTheEnd();
  expect(posted()).toHaveLength(1);
});

describe("what Slack refuses", () => {
  test.each(["not_in_channel", "is_archived", "invalid_auth"])("%s is the caller's", async (error) => {
    bench.slack.fault({ method: POST, error, times: 1 });
    const { refused, requeueAt } = await deliver();
    expect(refused).toBeInstanceOf(SlackRefused);
    expect(refused?.error).toBe(error);
    expect(requeueAt).toBeUndefined();
    expect(record.writes).toEqual(["begin", "due"]);
  });

  test("with 429 rests in that channel for as long as Slack says, and in no other", async () => {
    bench.slack.fault({ method: POST, retryAfter: 30, times: 1 });
    expect((await deliver()).requeueAt).toBe(Date.now() + 30_000);
    expect(record.writes).toEqual(["begin", "due"]);
    expect((await deliver({ key: "other" })).requeueAt).toBe(Date.now() + 30_000);
    expect(calls(POST)).toHaveLength(1);
    expect((await deliver({ channel: bench.slack.channel("ops").id })).requeueAt).toBeUndefined();
    expect(posted("ops")).toHaveLength(1);
  });
});
