import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Subscription, sampleNotice, subscribed } from "../../../src/notices/notices.ts";
import { ChannelOutboxStore } from "../../../src/store/channel-outbox.ts";
import { SubscriptionStore } from "../../../src/store/subscriptions.ts";
import { type PrivateRedis, startRedis } from "../../support/redis.ts";
import { ADA, NOW } from "../support/runs.ts";

let server: PrivateRedis;
let redis: Redis;
let boards: ChannelOutboxStore;
let store: SubscriptionStore;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.path);
  boards = new ChannelOutboxStore(redis, "test");
  store = new SubscriptionStore(redis, "test");
});

beforeEach(() => redis.flushall());

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const HERE = { team: "T0ACME", channel: "C0GENERAL" };
const THERE = { team: "T0ACME", channel: "C0OTHER" };
const notice = (key: string) => sampleNotice(ADA, key, NOW);
const batch = { key: "k", notices: [notice("1")], counts: { failed: 1 } };
const keysOnBoard = async () => (await boards.get(HERE)).pending.map(({ notice: { key } }) => key);

describe("a board", () => {
  test("takes each notice once, also after it was taken off", async () => {
    const tries = await Promise.all(Array.from({ length: 10 }, () => boards.add(HERE, notice("1"))));
    expect(tries.filter((isNew) => isNew)).toHaveLength(1);
    const { version } = await boards.get(HERE);
    await boards.move(HERE, version, { taken: 1 });
    expect(await boards.add(HERE, notice("1"))).toBe(false);
    expect(await boards.add(THERE, notice("1"))).toBe(true);
    expect(await keysOnBoard()).toEqual([]);
  });

  test("is moved by one of those who read it at the same time", async () => {
    await boards.add(HERE, notice("1"));
    const { version } = await boards.get(HERE);
    const tries = Array.from({ length: 10 }, () => boards.move(HERE, version, { sending: batch, taken: 1 }));
    expect((await Promise.all(tries)).filter((isMine) => isMine)).toHaveLength(1);
    expect((await boards.get(HERE)).sending).toEqual(batch);
  });

  test("loses nothing that is added between a look and a move", async () => {
    await boards.add(HERE, notice("1"));
    const { version } = await boards.get(HERE);
    await boards.add(HERE, notice("2"));
    expect(await boards.move(HERE, version, { sending: batch, taken: 1 })).toBe(true);
    expect(await keysOnBoard()).toEqual(["sample:2"]);
  });

  test("is found until nothing is on it, and keeps its trouble after that", async () => {
    await boards.add(HERE, notice("1"));
    expect(await boards.live()).toEqual([{ team: "T0ACME", id: "C0GENERAL" }]);
    await boards.move(HERE, 0, { sending: batch, taken: 1 });
    expect(await boards.live()).toHaveLength(1);
    await boards.move(HERE, 1, { trouble: { error: "is_archived", at: NOW }, taken: "all" });
    expect(await boards.live()).toEqual([]);
    expect((await boards.get(HERE)).trouble).toEqual({ error: "is_archived", at: NOW });
    for (const key of await redis.keys("*")) expect(await redis.ttl(key), key).toBeGreaterThan(0);
  });

  test("that has something to say never expires", async () => {
    await boards.add(HERE, notice("1"));
    await boards.move(HERE, 0, { taken: 1 });
    await boards.add(HERE, notice("2"));
    await boards.move(HERE, 1, { sending: batch, taken: 1 });
    expect(await redis.ttl("test:board:T0ACME:C0GENERAL")).toBe(-1);
  });
});

const wanted = (repo: string): Omit<Subscription, "id"> => ({
  ...HERE,
  events: ["failed"],
  kinds: [],
  repo,
  by: ADA,
  at: NOW,
});
const add = (delivery: string, repo = "acme/shop") =>
  store.change(HERE, delivery, (all) => subscribed(all, wanted(repo)));

describe("subscriptions", () => {
  test("are kept for each channel, and read together", async () => {
    await add("1");
    await store.change(THERE, "2", (all) => subscribed(all, { ...wanted("acme/api"), ...THERE }));
    expect((await store.of(HERE)).map(({ id, repo }) => [id, repo])).toEqual([[1, "acme/shop"]]);
    expect((await store.all("T0ACME")).map(({ repo }) => repo).sort()).toEqual(["acme/api", "acme/shop"]);
    expect(await store.all("T0OTHER")).toEqual([]);
    expect(await store.teams()).toEqual(["T0ACME"]);
  });

  test("that are made at the same time all have numbers of their own", async () => {
    await Promise.all(Array.from({ length: 12 }, (_, n) => add(`d${n}`, `acme/repo${n}`)));
    expect((await store.of(HERE)).map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
  });

  test("are changed once by one delivery", async () => {
    expect(await add("1")).toMatchObject({ before: [], after: [{ id: 1 }] });
    await store.change(HERE, "2", () => []);
    expect(await add("1")).toBeUndefined();
    expect(await store.of(HERE)).toEqual([]);
  });

  test("that nobody wants any more leave nothing behind", async () => {
    await add("1");
    await store.change(HERE, "2", () => []);
    expect(await redis.exists("test:subs:T0ACME")).toBe(0);
  });

  test("say whether anybody wants to hear of runs that were started elsewhere", async () => {
    await add("1");
    expect(await store.wantsExternalRuns("T0ACME")).toBe(false);
    const { repo: _, ...all } = { ...wanted(""), all: true as const };
    await store.change(HERE, "2", (list) => subscribed(list, all));
    expect(await store.wantsExternalRuns("T0ACME")).toBe(true);
  });
});
