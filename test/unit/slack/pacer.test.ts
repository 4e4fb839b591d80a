import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type Caller,
  editLane,
  type Lane,
  Pacer,
  personalLane,
  readLane,
  spareEdits,
} from "../../../src/slack/pacer.ts";
import { type PrivateRedis, startRedis } from "../../support/redis.ts";

let server: PrivateRedis;
let connections: Redis[];
let pacers: [Pacer, Pacer];

beforeAll(async () => {
  server = await startRedis();
  connections = [new Redis(server.path), new Redis(server.path)];
  const [one, other] = connections.map((redis) => new Pacer(redis, "test"));
  if (one && other) pacers = [one, other];
});

/** Only the clock is ours: a window passes when the test says so, and Redis and its connections are real. */
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 9, 1) });
  await connections[0]?.flushall();
});

afterEach(() => vi.useRealTimers());

afterAll(async () => {
  for (const redis of connections) redis.disconnect();
  await server.stop();
});

const SECOND = 1_000;
/** Redis forgets by its own clock, so windows are longer than any of these tests. */
const lane = (limit: number, name = "lane"): Lane => ({ name, limit, windowMs: 60 * SECOND });
const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);
const caller = (who: string, more: Partial<Caller> = {}): Caller => ({ team: "T1", who, ...more });
const ask = (who: string, of: Lane, more: Partial<Caller> = {}) => pacers[0].acquire(of, caller(who, more));

describe("the limit", () => {
  test("is kept among callers who come at once, to two processes", async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => pacers[n % 2 === 0 ? 0 : 1].acquire(lane(5), caller(`c${n}`))),
    );
    expect(answers.filter((wait) => wait === 0)).toHaveLength(5);
    for (const wait of answers.filter((ms) => ms > 0)) expect(wait).toBeGreaterThanOrEqual(60 * SECOND);
  });

  test("is a sliding window: what went a moment ago still counts at the next minute", async () => {
    pass(59 * SECOND);
    expect(await ask("a", lane(1))).toBe(0);
    pass(2 * SECOND);
    expect(await ask("b", lane(1))).toBe(58 * SECOND);
  });

  test("lets the next one go exactly when it was told to come back", async () => {
    await ask("a", lane(1));
    const wait = await ask("b", lane(1));
    pass(wait - 1);
    expect(await ask("b", lane(1))).toBe(1);
    pass(1);
    expect(await ask("b", lane(1))).toBe(0);
  });

  test("counts each lane and each workspace by itself", async () => {
    expect(await ask("a", lane(1, "post:C1"))).toBe(0);
    expect(await ask("a", lane(1, "post:C2"))).toBe(0);
    expect(await ask("a", lane(1, "post:C1"), { team: "T2" })).toBe(0);
    expect(await ask("b", lane(1, "post:C1"))).toBeGreaterThan(0);
  });
});

interface Visitor extends Caller {
  /** When it will ask, in ms. */
  at: number;
}

/** Lets all of them ask when they were told to, and notes in which order and when they went. */
async function drive(of: Lane, visitors: Visitor[]): Promise<{ who: string; at: number }[]> {
  const went: { who: string; at: number }[] = [];
  const waiting = [...visitors];
  for (let turn = 0; waiting.length > 0 && turn < 2_000; turn++) {
    const next = Math.min(...waiting.map(({ at }) => at));
    vi.setSystemTime(Math.max(Date.now(), next));
    const due = waiting.filter(({ at }) => at <= Date.now());
    const answers = await Promise.all(
      due.map((each, n) => pacers[(n + turn) % 2 === 0 ? 0 : 1].acquire(of, each)),
    );
    due.forEach((each, n) => {
      const wait = answers[n] ?? 0;
      each.at = Date.now() + wait;
      if (wait > 0) return;
      went.push({ who: each.who, at: Date.now() });
      waiting.splice(waiting.indexOf(each), 1);
    });
  }
  return went;
}

describe("a crowd that comes back when it is told to", () => {
  const crowd = fc.record({
    limit: fc.integer({ min: 1, max: 4 }),
    arrivals: fc.array(fc.nat(150), { minLength: 1, maxLength: 14 }),
    urgent: fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }),
  });

  test("all go, and never more than the limit in any window", async () => {
    await fc.assert(
      fc.asyncProperty(crowd, async ({ limit, arrivals, urgent }) => {
        await connections[0]?.flushall();
        const begun = Date.now();
        const went = await drive(
          lane(limit),
          arrivals.map((seconds, n) => ({
            ...caller(`c${n}`, { urgent: urgent[n] ?? false }),
            at: begun + seconds * SECOND,
          })),
        );
        expect(went.map(({ who }) => who).sort()).toEqual(arrivals.map((_, n) => `c${n}`).sort());
        for (const { at } of went)
          expect(
            went.filter((each) => each.at > at - 60 * SECOND && each.at <= at).length,
          ).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 30 },
    );
  });

  test("goes in the order in which it came", async () => {
    const begun = Date.now();
    const visitors = Array.from({ length: 12 }, (_, n) => ({ ...caller(`c${n}`), at: begun + n }));
    const went = await drive(lane(2), visitors);
    expect(went.map(({ who }) => who)).toEqual(visitors.map(({ who }) => who));
  });

  test("asking again and again gains nothing", async () => {
    await ask("first", lane(1));
    await ask("patient", lane(1));
    pass(10);
    for (let n = 0; n < 20; n++) await ask("loud", lane(1));
    pass(60 * SECOND - 10);
    expect(await ask("loud", lane(1))).toBeGreaterThan(0);
    expect(await ask("patient", lane(1))).toBe(0);
  });
});

describe("the urgent", () => {
  test("go before those who came earlier, in their own order", async () => {
    await ask("first", lane(1));
    const begun = Date.now();
    const went = await drive(lane(1), [
      { ...caller("plain 1"), at: begun + 1 },
      { ...caller("plain 2"), at: begun + 2 },
      { ...caller("urgent 1", { urgent: true }), at: begun + 3 },
      { ...caller("urgent 2", { urgent: true }), at: begun + 4 },
    ]);
    expect(went.map(({ who }) => who)).toEqual(["urgent 1", "urgent 2", "plain 1", "plain 2"]);
  });

  test("keep the limit all the same", async () => {
    await ask("first", lane(1));
    expect(await ask("end", lane(1), { urgent: true })).toBe(60 * SECOND);
  });

  test("one who becomes it while waiting moves to the head", async () => {
    await ask("first", lane(1));
    await ask("early", lane(1));
    pass(10);
    await ask("late", lane(1));
    await ask("late", lane(1), { urgent: true });
    pass(60 * SECOND - 10);
    expect(await ask("early", lane(1))).toBeGreaterThan(0);
    expect(await ask("late", lane(1), { urgent: true })).toBe(0);
  });
});

describe("everybody's share", () => {
  const begun = () => Date.now();

  test("one who asks for much doesn't keep the others waiting: their first stands before everybody's second", async () => {
    await ask("first", lane(2));
    await ask("second", lane(2));
    const start = begun();
    const greedy = Array.from({ length: 40 }, (_, n) => ({
      ...caller(`greedy ${n}`, { forWhom: "U1" }),
      at: start + n,
    }));
    const others = ["U2", "U3"].flatMap((forWhom) =>
      [1, 2].map((n) => ({ ...caller(`${forWhom} ${n}`, { forWhom }), at: start + 1_000 + n })),
    );
    const went = await drive(lane(2), [...greedy, ...others]);
    const place = (who: string): number => went.findIndex((each) => each.who === who);
    expect(place("greedy 0")).toBe(0);
    // Two go at a time.
    for (const who of ["U2 1", "U3 1"]) expect(place(who)).toBeLessThanOrEqual(3);
    for (const who of ["U2 2", "U3 2"]) expect(place(who)).toBeLessThanOrEqual(5);
    expect(went.map(({ who }) => who).filter((who) => who.startsWith("greedy"))).toEqual(
      greedy.map(({ who }) => who),
    );
  });

  test("holds among ends as well", async () => {
    await ask("first", lane(1));
    const start = begun();
    const ends = Array.from({ length: 10 }, (_, n) => ({
      ...caller(`U1 ${n}`, { forWhom: "U1", urgent: true }),
      at: start + n,
    }));
    const went = await drive(lane(1), [
      ...ends,
      { ...caller("U2", { forWhom: "U2", urgent: true }), at: start + 20 },
    ]);
    expect(went.slice(0, 2).map(({ who }) => who)).toEqual(["U1 0", "U2"]);
  });

  test("notices go last, however long they have waited", async () => {
    await ask("first", lane(1));
    const start = begun();
    const went = await drive(lane(1), [
      ...Array.from({ length: 5 }, (_, n) => ({ ...caller(`notice ${n}`, { minor: true }), at: start + n })),
      { ...caller("card"), at: start + 100 },
      { ...caller("end", { urgent: true }), at: start + 200 },
    ]);
    expect(went.slice(0, 3).map(({ who }) => who)).toEqual(["end", "card", "notice 0"]);
  });

  test("is counted anew when the line is empty", async () => {
    for (let n = 0; n < 3; n++) {
      await ask("first", lane(1));
      const start = begun();
      await drive(lane(1), [
        { ...caller("a", { forWhom: "U1" }), at: start },
        { ...caller("b", { forWhom: "U1", urgent: true }), at: start },
        { ...caller("c", { forWhom: "U1", minor: true }), at: start },
      ]);
      expect(await connections[0]?.exists("test:pace:T1:lane:counts")).toBe(0);
      pass(60 * SECOND);
    }
  });
});

test("one person's edits leave a minute's last ones to others", async () => {
  const edit = (who: string, forWhom: string) => pacers[0].acquireEdit({ team: "T1", who, forWhom });
  const mine: number[] = [];
  for (let n = 0; n < 50; n++) mine.push(await edit(`card ${n}`, "U1"));
  expect(mine.filter((wait) => wait === 0)).toHaveLength(36);
  const theirs: number[] = [];
  for (let n = 0; n < 20; n++) theirs.push(await edit(`theirs ${n}`, "U2"));
  expect(theirs.filter((wait) => wait === 0)).toHaveLength(9);
});

describe("edits that nobody waits for", () => {
  const edit = (who: string, use?: "turn" | ReturnType<typeof spareEdits>) =>
    pacers[0].acquireEdit({ team: "T1", who, forWhom: "U1" }, use);
  const went = async (count: number, use: Parameters<typeof edit>[1], name: string) => {
    const waits: number[] = [];
    for (let n = 0; n < count; n++) waits.push(await edit(`${name} ${n}`, use));
    return waits.filter((wait) => wait === 0).length;
  };

  test("leave a minute's turns of fifteen short runs their edits: ends waited for 20 s behind steps", async () => {
    await went(60, spareEdits(30), "steps");
    expect(await went(30, "turn", "ends")).toBe(30);
  });

  test("leave forty twins of one person that become ready together their edits", async () => {
    expect(await went(40, spareEdits(40), "provisioning")).toBeLessThanOrEqual(3);
    expect(await went(40, "turn", "ready")).toBe(40);
  });

  test("are as many as they were where few runs are young, and rare for each where many are", () => {
    for (const few of [1, 2, 3]) expect(spareEdits(few)).toEqual({ limit: 30, gapMs: 1_000 });
    expect(spareEdits(6).gapMs).toBe(6_300);
    expect(spareEdits(30)).toEqual({ limit: 13, gapMs: 60_000 });
    expect(spareEdits(1_000).limit).toBe(1);
  });
});

describe("one who does not come back", () => {
  beforeEach(async () => {
    await ask("first", lane(1));
    await ask("absent", lane(1));
    pass(10);
    await ask("next", lane(1));
  });

  test("keeps its place for a moment, because it may only be late", async () => {
    pass(60 * SECOND + 3 * SECOND);
    expect(await ask("next", lane(1))).toBeGreaterThan(0);
    expect(await ask("absent", lane(1))).toBe(0);
  });

  test("loses it then, and holds nobody up", async () => {
    pass(60 * SECOND + 6 * SECOND);
    expect(await ask("next", lane(1))).toBe(0);
  });
});

test("each in a line is told to come when it's their turn, however far behind", async () => {
  // Of the same millisecond they stand in the order of their names.
  for (const [n, who] of ["a", "b", "c", "d", "e"].entries())
    expect(await ask(who, lane(1)), who).toBe(n * 60 * SECOND);
  const two = lane(2, "two");
  const waits: number[] = [];
  for (const who of ["a", "b", "c", "d", "e", "f"]) waits.push(await ask(who, two));
  expect(waits).toEqual([0, 0, 60, 60, 120, 120].map((seconds) => seconds * SECOND));
});

test("nothing of a line stays for ever: what went, a window; who waits, a minute after their turn", async () => {
  await ask("first", lane(1));
  await ask("second", lane(1));
  await ask("third", lane(1));
  await pacers[0].block(lane(1), "T1", 30 * SECOND);
  const left = async (what: string): Promise<number> =>
    Math.ceil(((await connections[0]?.pttl(`test:pace:T1:lane:${what}`)) ?? -9) / 10_000) * 10;
  expect(await left("used")).toBe(60);
  expect(await left("blocked")).toBe(30);
  for (const what of ["waiting", "due", "counts"]) expect(await left(what), what).toBe(120 + 60);
});

describe("after a 429", () => {
  test("its lane rests for as long as Slack says, for both processes, and no other does", async () => {
    await pacers[0].block(lane(5, "post:C1"), "T1", 30 * SECOND);
    expect(await pacers[1].acquire(lane(5, "post:C1"), caller("a"))).toBe(30 * SECOND);
    expect(await ask("a", lane(5, "post:C2"))).toBe(0);
    expect(await ask("a", lane(5, "post:C1"), { team: "T2" })).toBe(0);
    expect(await ask("b", lane(5, "post:C1"), { urgent: true })).toBe(30 * SECOND);
  });

  test("goes on afterwards", async () => {
    await pacers[0].block(lane(5), "T1", 30 * SECOND);
    await ask("a", lane(5));
    pass(30 * SECOND);
    expect(await ask("a", lane(5))).toBe(0);
  });

  test("a shorter one does not end a longer one", async () => {
    await pacers[0].block(lane(5), "T1", 30 * SECOND);
    await pacers[1].block(lane(5), "T1", 1 * SECOND);
    expect(await ask("a", lane(5))).toBe(30 * SECOND);
  });
});

describe("a post", () => {
  const post = (channel: string, who: string) => pacers[0].acquirePost(channel, caller(who));
  const channels = (many: number): string[] => Array.from({ length: many }, (_, n) => `C${n}`);

  test("counts in its channel and in the workspace", async () => {
    expect(await post("C0", "a")).toBe(0);
    expect(await post("C0", "b")).toBe(1_200);
    const answers: number[] = [];
    for (const channel of channels(30).slice(1)) answers.push(await post(channel, channel));
    expect(answers.filter((wait) => wait === 0)).toHaveLength(23);
    for (const wait of answers.slice(23)) expect(wait).toBe(6_000);
  });

  test("that waits for the workspace has not used up its channel's turn, but keeps it", async () => {
    for (const channel of channels(24)) await post(channel, channel);
    expect(await post("C99", "a")).toBe(6_000);
    expect(await post("C99", "b")).toBeGreaterThan(0);
    pass(6_000);
    expect(await post("C99", "b")).toBeGreaterThan(0);
    expect(await post("C99", "a")).toBe(0);
  });

  test("beside a run's end leaves the workspace's posts to other ends: both of each took twice as long", async () => {
    const ends = channels(10).map((channel) => ({
      channel,
      by: { ...caller(`${channel}:ended`), urgent: true },
    }));
    const told: number[] = [];
    for (const { channel, by } of ends)
      told.push(await pacers[0].acquirePost(channel, { ...by, besideEnd: true }));
    expect(told.filter((wait) => wait === 0)).toHaveLength(4);
    // Whoever has to wait there posts the end instead, in the same place in the line.
    for (const { channel, by } of ends.slice(4)) expect(await pacers[0].acquirePost(channel, by)).toBe(0);
  });

  test("that waits for its channel holds up nobody in the workspace", async () => {
    await post("C0", "first");
    for (let n = 0; n < 40; n++) expect(await post("C0", `waiting${n}`)).toBeGreaterThan(0);
    for (const channel of channels(20).slice(1)) expect(await post(channel, channel)).toBe(0);
  });
});

test.each([
  ["edits", editLane, 45],
  ["reads", readLane("conversations.history"), 45],
  ["answers to one person", personalLane, 90],
] as const)("%s: so many a minute, and not one more", async (_, of, many) => {
  for (let n = 0; n < many; n++) expect(await ask(`c${n}`, of)).toBe(0);
  // A burst that was held up on its way doesn't arrive within the minute of the next one: that provoked 429s.
  expect(await ask("one more", of)).toBe(63 * SECOND);
});
