import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Notice, Subscription } from "../../../src/notices/notices.ts";
import { AppHomeStore } from "../../../src/store/app-home.ts";
import { ChannelOutboxStore } from "../../../src/store/channel-outbox.ts";
import { DigestStore } from "../../../src/store/digests.ts";
import { HistoryStore } from "../../../src/store/history.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { SettingsStore } from "../../../src/store/settings.ts";
import { SubscriptionStore } from "../../../src/store/subscriptions.ts";
import { type PrivateRedis, startRedis } from "../../support/redis.ts";
import { BOB, failOnUnreadable, newRun, runIn } from "../support/runs.ts";

/** For how long Redis keeps what, and how much of it at most. What would stay for ever fills it up some day. */

const HOUR = 3600;
const DAY = 24 * HOUR;
const channel = { team: "T0ACME", channel: "C0GENERAL" };
const person = { team: "T0ACME", user: "U0ADA" };

let server: PrivateRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.path);
});
beforeEach(() => redis.flushall());
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** Of each key, for how many seconds it's kept yet; what is kept for ever stands as such. */
async function kept(): Promise<Record<string, number | "for ever">> {
  const keys = (await redis.keys("*")).sort();
  const times = await Promise.all(
    keys.map(async (key) => {
      const ms = await redis.pttl(key);
      return [key, ms < 0 ? ("for ever" as const) : Math.ceil(ms / 10_000) * 10] as const;
    }),
  );
  return Object.fromEntries(times);
}

test("a run's record is kept for as long as it has something to do, and thirty days more", async () => {
  const store = new RunStore(redis, "p", failOnUnreadable);
  const run = newRun();
  await store.create(run, { name: "a" }, { name: "b", seconds: 60 });
  const living = {
    "p:ids:T0ACME": "for ever",
    "p:live": "for ever",
    "p:live:T0ACME:U0ADA": "for ever",
    "p:once:T0ACME:a": DAY,
    "p:once:T0ACME:b": 60,
    "p:run:T0ACME:k7m2qx": "for ever",
  };
  expect(await kept()).toEqual(living);
  const next = (changed: number) => (now: typeof run) => ({ ...now, newsAt: changed });
  await store.update(run, next(1), () => true);
  expect(await kept()).toEqual({
    "p:ids:T0ACME": "for ever",
    "p:ids-until:T0ACME": "for ever",
    "p:once:T0ACME:a": DAY,
    "p:once:T0ACME:b": 60,
    "p:run:T0ACME:k7m2qx": 30 * DAY,
  });
  // Something came up again: all as before.
  await store.update(run, next(2));
  expect(await kept()).toEqual(living);
});

test("a delivery that makes nothing is remembered for a day, a sweep for as long as its turn lasts", async () => {
  const store = new RunStore(redis, "p", failOnUnreadable);
  await store.once("T1", "x");
  await store.once("T1", "y", 60);
  expect([await store.takeSweep(20_000), await store.takeSweep(20_000)]).toEqual([true, false]);
  expect(await kept()).toEqual({ "p:once:T1:x": DAY, "p:once:T1:y": 60, "p:sweep": 20 });
  expect(await store.takeSweep(40_000, true)).toBe(true);
  expect((await kept())["p:sweep"]).toBe(40);
});

test("a create that is unclear is remembered for four days, by the day that it's of", async () => {
  const store = new RunStore(redis, "p", failOnUnreadable);
  const now = Date.now();
  for (const id of ["old", "edge", "young"]) await store.create(newRun({ id }), { name: id });
  const note = (id: string, since: number) => store.noteUnclear({ team: "T0ACME", id }, since);
  await note("old", now - 4 * DAY * 1000 - 1_000);
  await note("edge", now - 4 * DAY * 1000 + 60_000);
  await note("young", now);
  expect((await store.unclearRuns("T0ACME")).map(({ run, since }) => [run.id, since - now])).toEqual([
    ["edge", -4 * DAY * 1000 + 60_000],
    ["young", 0],
  ]);
  expect((await kept())["p:unclear:T0ACME"]).toBe(4 * DAY);
});

test("what a channel was told is remembered for thirty days, and its outbox only while there is something in it", async () => {
  const store = new ChannelOutboxStore(redis, "p");
  const notice = {
    run: "k7m2qx",
    key: "ended",
    kind: "test",
    event: "failed",
    title: "Pay",
    at: 0,
  } as Notice;
  await store.add(channel, notice);
  const mark = "p:noticed:T0ACME:C0GENERAL:k7m2qx:ended";
  const [board, pending] = ["p:board:T0ACME:C0GENERAL", "p:board:T0ACME:C0GENERAL:pending"];
  expect(await kept()).toEqual({ [mark]: 30 * DAY, [pending]: "for ever", "p:boards": "for ever" });
  await store.move(channel, 0, { trouble: { error: "is_archived", at: 1 } });
  expect(await kept()).toMatchObject({ [board]: "for ever", [pending]: "for ever" });
  await store.move(channel, 1, { taken: 1, trouble: { error: "is_archived", at: 1 } });
  expect(await kept()).toEqual({ [mark]: 30 * DAY, [board]: 30 * DAY });
});

describe("a Home", () => {
  const homes = () => new AppHomeStore(redis, "p");
  const ended = (id: string, at: number) =>
    runIn("ended", { id, phase: { name: "ended", at, outcome: "passed" } });

  test("is kept for seven days after it was looked at, and who looked as long", async () => {
    await homes().opened(person, Date.now());
    expect(await kept()).toEqual({ "p:home:T0ACME:U0ADA": 7 * DAY, "p:homes:lookers:T0ACME": 7 * DAY });
    await redis.zadd("p:homes:lookers:T0ACME", Date.now() - 7 * DAY * 1000 - 1_000, "U0OLD");
    await redis.zadd("p:homes:lookers:T0ACME", Date.now() - 7 * DAY * 1000 + 60_000, "U0LATE");
    await homes().pressed(person);
    expect(await redis.zrange("p:homes:lookers:T0ACME", "0", "-1")).toEqual(["U0LATE", "U0ADA"]);
  });

  test("knows what it shows of a run for a day, and that Arga answered for seven", async () => {
    await homes().shown({ run: runIn("ready"), fingerprint: "a" });
    await homes().argaAnswered({ at: 1 });
    expect(await kept()).toEqual({ "p:homes:shown:T0ACME:k7m2qx": DAY, "p:homes:arga": 7 * DAY });
  });

  test("that nobody looks at counts as shown; one that somebody looks at only when they were told", async () => {
    const shown = { run: ended("r1", 5), fingerprint: "a" };
    expect(await homes().changed(shown)).toEqual([]);
    expect(await kept()).toEqual({ "p:ends:T0ACME": 30 * DAY, "p:homes:shown:T0ACME:r1": DAY });
    await homes().opened({ ...person, user: "U0BOB" }, Date.now());
    const other = { run: ended("r2", 6), fingerprint: "a" };
    expect(await homes().changed(other)).toEqual(["U0BOB"]);
    expect(await homes().changed(other)).toEqual(["U0BOB"]);
    expect((await kept())["p:homes:changes:T0ACME"]).toBe(30 * DAY);
    expect(await homes().changes("T0ACME")).toBe("2");
    await homes().shown(other);
    expect(await homes().changed(other)).toEqual([]);
  });

  test("of whoever asked for the run is brought up to date for seven days after they looked, the others' for ten minutes", async () => {
    const lookedAgo = async (ms: number): Promise<string[]> => {
      await redis.flushall();
      await redis.zadd("p:homes:lookers:T0ACME", Date.now() - ms, "U0ADA");
      await redis.zadd("p:homes:lookers:T0ACME", Date.now() - ms, "U0BOB");
      return (await homes().changed({ run: runIn("ready"), fingerprint: "a" })).sort();
    };
    expect(await lookedAgo(9.9 * 60_000)).toEqual(["U0ADA", "U0BOB"]);
    expect(await lookedAgo(10.1 * 60_000)).toEqual(["U0ADA"]);
    expect(await lookedAgo(7 * DAY * 1000 - 60_000)).toEqual(["U0ADA"]);
    expect(await lookedAgo(7 * DAY * 1000 + 60_000)).toEqual([]);
  });

  test("lists two hundred ends of a workspace, the newest", async () => {
    for (let n = 1; n <= 203; n++) await homes().changed({ run: ended(`r${n}`, n), fingerprint: "a" });
    expect(await redis.zcard("p:ends:T0ACME")).toBe(200);
    const ids = (await homes().ends("T0ACME")).map(({ id }) => id);
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([200, "r203", "r4"]);
  });

  test("has an answer said to whoever was there thirty seconds ago, under six others at most", async () => {
    const now = Date.now();
    const lines = async (): Promise<unknown[]> => (await homes().get(person))?.said?.blocks ?? [];
    expect(await homes().say(person, ["a"])).toBe(false);
    await homes().opened(person, now);
    expect(await homes().say(person, ["a"], now + 30_001)).toBe(false);
    expect(await homes().say(person, ["a", "b", "c"], now)).toBe(true);
    expect(await homes().say(person, ["d", "e", "f", "g"], now + 29_999)).toBe(true);
    expect(await lines()).toEqual(["b", "c", "d", "e", "f", "g"]);
    await homes().opened(person, now + 50_000);
    expect(await homes().say(person, ["h"], now + 60_000)).toBe(true);
    expect(await lines()).toEqual(["h"]);
  });

  test("begins at its first pages again ten minutes later", async () => {
    const now = 1_000_000_000_000;
    vi.useFakeTimers({ toFake: ["Date"], now });
    await homes().turned(person, "mine", 3);
    await homes().opened(person, now + 10 * 60_000);
    expect((await homes().get(person))?.pages.mine).toBe(3);
    await homes().opened(person, now + 20 * 60_000 + 1);
    expect((await homes().get(person))?.pages.mine).toBe(0);
    vi.useRealTimers();
  });
});

test("deliveries that changed settings, subscriptions or digests are remembered for a day, what they made for ever", async () => {
  await new SettingsStore(redis, "p").save(person, { presets: [] }, "d1");
  const subscription: Subscription = { ...channel, id: 1, by: BOB, at: 0, events: ["failed"], kinds: [] };
  await new SubscriptionStore(redis, "p").change(channel, "d2", () => [subscription]);
  await new DigestStore(redis, "p").change(channel, undefined, { ...channel, by: BOB, dueAt: 1 }, "d3");
  expect(await kept()).toEqual({
    "p:once:T0ACME:settings:d1": DAY,
    "p:once:T0ACME:notify:d2": DAY,
    "p:once:T0ACME:digest:d3": DAY,
    "p:settings:T0ACME:U0ADA": "for ever",
    "p:subs:T0ACME": "for ever",
    "p:subscribers": "for ever",
    "p:digests": "for ever",
  });
});

describe("a workspace's history", () => {
  const entry = (run: string, at: number) =>
    ({ run, kind: "test", title: run, outcome: "passed", twins: 0, channel: "C1", at }) as const;

  test("goes eight days back", async () => {
    const history = new HistoryStore(redis, "p");
    const now = Date.now();
    await history.add("T1", entry("old", now - 8 * DAY * 1000 - 1));
    await history.add("T1", entry("edge", now - 8 * DAY * 1000));
    await history.add("T1", entry("new", now));
    expect((await history.of("T1")).map(({ run }) => run).sort()).toEqual(["edge", "new"]);
    expect(await kept()).toEqual({ "p:history:T1": 8 * DAY, "p:history:T1:order": 8 * DAY });
  });

  test("has so many runs and no more, the oldest go first; the same one is one", async () => {
    const history = new HistoryStore(redis, "p", 3);
    for (const n of [1, 2, 2, 3, 4, 5]) await history.add("T1", entry(`r${n}`, Date.now() + n));
    expect((await history.of("T1")).map(({ run }) => run).sort()).toEqual(["r3", "r4", "r5"]);
    expect(await redis.zcard("p:history:T1:order")).toBe(3);
  });
});
