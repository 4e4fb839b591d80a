import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { readConfig } from "../../../src/base/config.ts";
import { createLogger } from "../../../src/base/logger.ts";
import type { Run, RunRef } from "../../../src/runs/run.ts";
import { connectRedis, StoreUnavailable } from "../../../src/store/redis.ts";
import { RunStore, StoreConflict } from "../../../src/store/runs.ts";
import { type PrivateRedis, startRedis } from "../../support/redis.ts";
import { failOnUnreadable, NOW, newRun, runIn } from "../support/runs.ts";

let server: PrivateRedis;
let redis: Redis;
let store: RunStore;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.path);
  store = new RunStore(redis, "test", failOnUnreadable);
});

beforeEach(() => redis.flushall());

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const TEAM = "T0ACME";
const ref = (id: string): RunRef => ({ team: TEAM, id });
const keep = (more: Partial<Run>) => store.create(newRun(more), { name: `once-${more.id}` });
const idsOf = (runs: Run[]) => runs.map(({ id }) => id).sort();
const liveIds = async () => (await store.live()).map(({ id }) => id);
const withArga = (run: Run, id: string): Run => ({ ...run, arga: { id, status: "queued", links: [] } });

describe("a new run", () => {
  test("is kept as it was written", async () => {
    const run = newRun({ requestedAt: NOW + 0.5, spec: { twins: ["sträpe", "😀"], ttlMinutes: 1 } });
    expect(await store.create(run, { name: "delivery-1" })).toBe(true);
    expect(await store.get(run)).toEqual(run);
  });

  test("is made once for one delivery, however many processes take it", async () => {
    const tries = Array.from({ length: 20 }, (_, n) =>
      store.create(newRun({ id: `run${n}` }), { name: "delivery-1" }),
    );
    expect((await Promise.all(tries)).filter((isNew) => isNew)).toHaveLength(1);
    expect(await store.live()).toHaveLength(1);
  });

  test("of the same delivery in another workspace is another one", async () => {
    expect(await store.create(newRun({ team: "T1" }), { name: "delivery-1" })).toBe(true);
    expect(await store.create(newRun({ team: "T2" }), { name: "delivery-1" })).toBe(true);
  });

  test("has an id that can be said aloud and is not guessed twice", () => {
    const ids = Array.from({ length: 2_000 }, () => RunStore.newId());
    for (const id of ids) expect(id).toMatch(/^[a-hjkmnp-z][a-hjkmnp-z2-9]{5}$/);
    expect(new Set(ids).size).toBeGreaterThan(1_990);
  });

  test("a delivery that makes none is seen once as well", async () => {
    expect(await store.once(TEAM, "press-1")).toBe(true);
    expect(await store.once(TEAM, "press-1")).toBe(false);
    expect(await store.once("T1", "press-1")).toBe(true);
  });
});

describe("one person's live runs", () => {
  test("are 2,000 at most; each that is settled makes room, and nobody else is kept from theirs", async () => {
    for (let n = 0; n < 2_000; n++) expect(await keep({ id: `r${n}` })).toBe(true);
    await expect(keep({ id: "more" })).rejects.toMatchObject({ code: "TOO_MANY_RUNS" });
    expect(await store.get(ref("more"))).toBeUndefined();
    // What was seen before is no new run.
    expect(await keep({ id: "r7" })).toBe(false);
    expect(await keep({ id: "other", requester: { id: "U0BOB", name: "bob" } })).toBe(true);
    expect(await keep({ id: "there", team: "T1" })).toBe(true);
    await store.updateNewest(
      ref("r7"),
      (run) => ({ ...run, channel: "C1" }),
      () => true,
    );
    expect(await keep({ id: "more" })).toBe(true);
  });
});

describe("changing a record", () => {
  const count = (run: Run): Run => ({ ...run, seenKeys: [...run.seenKeys, String(run.seenKeys.length)] });

  test("50 writers at once lose nothing", async () => {
    await keep({ id: "k7m2qx" });
    const other = new Redis(server.path);
    const stores = [store, new RunStore(other, "test", failOnUnreadable)];
    const writers = Array.from({ length: 50 }, (_, n) => stores[n % 2]?.updateNewest(ref("k7m2qx"), count));
    const results = await Promise.allSettled(writers);
    other.disconnect();
    expect(results.flatMap((result) => (result.status === "rejected" ? String(result.reason) : []))).toEqual(
      [],
    );
    const run = await store.get(ref("k7m2qx"));
    expect(run?.seenKeys).toEqual(Array.from({ length: 50 }, (_, n) => String(n)));
    expect(run?.version).toBe(51);
  });

  /** Another writer's write: sent after our read and before our own. */
  const interfere = () => void redis.hincrby("test:run:T0ACME:k7m2qx", "version", 1);

  test("is made again when another writer came between", async () => {
    await keep({ id: "k7m2qx" });
    const read: number[] = [];
    const after = await store.updateNewest(ref("k7m2qx"), (run) => {
      if (read.push(run.version) === 1) interfere();
      return count(run);
    });
    expect(read).toEqual([1, 2]);
    expect(after).toMatchObject({ version: 3, seenKeys: ["0"] });
    expect(await store.get(ref("k7m2qx"))).toEqual(after);
  });

  test("begins with what its caller holds, without reading it again", async () => {
    await keep({ id: "k7m2qx" });
    const held = await store.get(ref("k7m2qx"));
    if (!held) throw new Error("there is no run");
    const read: number[] = [];
    const change = (run: Run): Run => {
      read.push(run.version);
      return count(run);
    };
    const commands = vi.spyOn(redis, "sendCommand");
    const next = await store.update(held, change);
    expect(commands.mock.calls.map(([{ name }]) => name)).toEqual(["evalsha"]);
    commands.mockRestore();
    // An old one is noticed, and the change made of the newest.
    expect(await store.update(held, change)).toMatchObject({ version: 3, seenKeys: ["0", "1"] });
    expect(read).toEqual([1, 1, 2]);
    expect(next).toMatchObject({ version: 2, seenKeys: ["0"] });
    expect(await store.version(held)).toBe(3);
    expect(await store.version(ref("nobody"))).toBeUndefined();
  });

  test("ends with an error that names the run when others always come between", async () => {
    await keep({ id: "k7m2qx" });
    const change = store.updateNewest(ref("k7m2qx"), (run) => {
      interfere();
      return count(run);
    });
    await expect(change).rejects.toThrow(StoreConflict);
    await expect(change).rejects.toThrow("k7m2qx");
    expect((await store.get(ref("k7m2qx")))?.seenKeys).toEqual([]);
  });

  test("that changes nothing writes nothing", async () => {
    await keep({ id: "k7m2qx" });
    expect(await store.updateNewest(ref("k7m2qx"), (run) => run)).toMatchObject({ version: 1 });
    expect((await store.get(ref("k7m2qx")))?.version).toBe(1);
  });

  test("of a run that is gone says so, and brings nothing back", async () => {
    expect(await store.updateNewest(ref("nobody"), count)).toBeUndefined();
    expect(await redis.keys("*")).toEqual([]);
  });
});

describe("what still has something to do", () => {
  test("is found, oldest first, each workspace its own", async () => {
    await keep({ id: "second", requestedAt: NOW + 2 });
    await keep({ id: "first", requestedAt: NOW + 1 });
    await keep({ id: "other", requestedAt: NOW + 3, team: "T1" });
    expect(await liveIds()).toEqual(["first", "second", "other"]);
    expect((await store.liveRuns(TEAM)).map(({ id }) => id)).toEqual(["first", "second"]);
  });

  test("is left by a run that is settled, whose record is kept for a while and not for ever", async () => {
    await keep({ id: "done" });
    await keep({ id: "busy", requestedAt: NOW + 1 });
    await store.updateNewest(
      ref("done"),
      () => runIn("ended", { id: "done" }),
      () => true,
    );
    await store.updateNewest(
      ref("busy"),
      () => runIn("ready", { id: "busy" }),
      () => false,
    );
    expect(await liveIds()).toEqual(["busy"]);
    expect(await store.get(ref("done"))).toMatchObject({ phase: { name: "ended" } });
    const day = 24 * 3600;
    expect(await redis.ttl("test:run:T0ACME:done")).toBeGreaterThan(7 * day);
    expect(await redis.ttl("test:run:T0ACME:busy")).toBe(-1);
  });

  test("a record that was deleted by hand is passed over", async () => {
    await keep({ id: "gone" });
    await keep({ id: "here" });
    await redis.del("test:run:T0ACME:gone");
    expect(idsOf(await store.liveRuns())).toEqual(["here"]);
  });
});

describe("finding what was typed", () => {
  const ARGA = "5b1c3c9e-8f0a-4b6e-9d3d-2f1a7c5e4b10";

  beforeEach(async () => {
    await keep({ id: "k7m2qx" });
    await keep({ id: "k7zzzz" });
    await keep({ id: "k7m2qx", team: "T1" });
    await store.updateNewest(ref("k7m2qx"), (run) => withArga(run, ARGA));
  });

  const found = async (text: string) => idsOf(await store.find(TEAM, text));

  test.each([
    ["the short id", "k7m2qx", ["k7m2qx"]],
    ["in capitals", "K7M2QX", ["k7m2qx"]],
    ["a unique beginning of it", "k7m", ["k7m2qx"]],
    ["Arga's id", ARGA, ["k7m2qx"]],
    ["Arga's id in capitals", ARGA.toUpperCase(), ["k7m2qx"]],
    ["a beginning of Arga's id", "5b1c", ["k7m2qx"]],
    ["a beginning that several share", "k7", ["k7m2qx", "k7zzzz"]],
    ["nothing that there is", "zzz", []],
    ["the middle of one", "m2qx", []],
    ["nothing", "", []],
    ["what no id can be", "k7*", []],
    ["a pattern", "[a-z]", []],
    ["far too much", "k".repeat(65), []],
  ])("by %s", async (_, text, ids) => {
    expect(await found(text)).toEqual(ids);
  });

  test("stays within the workspace that asks", async () => {
    expect((await store.find("T1", "k7m2qx")).map(({ team }) => team)).toEqual(["T1"]);
    expect(await store.find("T2", "k7m2qx")).toEqual([]);
  });

  test("an exact id means that run, though another's begins with it", async () => {
    await store.updateNewest(ref("k7zzzz"), (run) => withArga(run, "k7m2qx00-8f0a-4b6e-9d3d-2f1a7c5e4b10"));
    expect(await found("k7m2qx")).toEqual(["k7m2qx"]);
  });

  test("is not kept from one that may be seen by hundreds that may not", async () => {
    for (let n = 100; n < 350; n++) await keep({ id: `abc${n}`, hidden: true });
    await keep({ id: "abczzz" });
    const seen = await store.find(TEAM, "abc", ({ hidden }) => !hidden);
    expect(idsOf(seen)).toEqual(["abczzz"]);
  });

  test("an exact id of a run that may not be seen doesn't show that it's there", async () => {
    await store.updateNewest(ref("k7zzzz"), (run) => withArga(run, "k7m2qx00-8f0a-4b6e-9d3d-2f1a7c5e4b10"));
    const seen = await store.find(TEAM, "k7m2qx", ({ id }) => id !== "k7m2qx");
    expect(idsOf(seen)).toEqual(["k7zzzz"]);
  });

  test("is not kept from one that lives by many that are long gone", async () => {
    for (let n = 10; n < 40; n++) {
      await keep({ id: `abc${n}` });
      await store.updateNewest(
        ref(`abc${n}`),
        (run) => ({ ...run, channel: "C1" }),
        () => true,
      );
      // As Redis does when a settled record's time is up.
      await redis.del(`test:run:T0ACME:abc${n}`);
    }
    await keep({ id: "abczzz" });
    expect(await found("abc")).toEqual(["abczzz"]);
  });
});

describe("while Redis is away", () => {
  const env = { SLACK_BOT_TOKEN: "xoxb-1", ARGA_API_KEY: "arga_sk_1", ROLE: "worker", LOG_LEVEL: "silent" };
  const logger = createLogger(readConfig(env));

  test("everything says so soon, and works again when it is back, with what it had", async () => {
    const own = await startRedis();
    const connection = connectRedis({ url: own.path, prefix: "arga" }, logger);
    const kept = new RunStore(connection, "test", failOnUnreadable);
    await kept.create(newRun(), { name: "delivery-1" });
    await own.kill();
    const begun = Date.now();
    const calls = [
      kept.create(newRun({ id: "other" }), { name: "delivery-2" }),
      kept.get(ref("k7m2qx")),
      kept.updateNewest(ref("k7m2qx"), (run) => run),
      kept.find(TEAM, "k7m2qx"),
      kept.live(),
      kept.once(TEAM, "press-1"),
    ];
    for (const call of calls) await expect(call).rejects.toThrow(StoreUnavailable);
    // Slack waits three seconds for its answer.
    expect(Date.now() - begun).toBeLessThan(2_500);
    await own.start();
    await expect.poll(() => kept.get(ref("k7m2qx")).catch(() => undefined)).toEqual(newRun());
    connection.disconnect();
    await own.stop();
  });

  test("what a person is told says what to do, and nothing of our insides", () => {
    const { message } = new StoreUnavailable(new Error("connect ECONNREFUSED 127.0.0.1:6379"));
    expect(message).toMatch(/before you try again/);
    expect(message).not.toContain("ECONN");
  });
});

describe("one bad record breaks no list:", () => {
  const bad: [string, (json: string) => string][] = [
    ["cut off", (json) => json.slice(0, 50)],
    ["no object", () => "5"],
    ["of a kind that isn't known", (json) => json.replace('"kind":"twin"', '"kind":"else"')],
    ["of a person whose name is an object", (json) => json.replace('"name":"ada"', '"name":{}')],
    ["without an outbox", (json) => json.replace('"outbox":[]', '"outbox":null')],
    ["asked for what its kind can't be asked for", (json) => json.replace('["stripe"]', "7")],
  ];

  test.each(bad)("%s", async (_, spoil) => {
    const told: RunRef[] = [];
    const kept = new RunStore(redis, "test", (at) => void told.push(at));
    await keep({ id: "bad222" });
    await keep({ id: "bad333" });
    const json = (await redis.hget(`test:run:${TEAM}:bad222`, "json")) ?? "";
    expect(spoil(json)).not.toBe(json);
    await redis.hset(`test:run:${TEAM}:bad222`, "json", spoil(json));
    expect(idsOf(await kept.find(TEAM, "bad"))).toEqual(["bad333"]);
    expect(idsOf(await kept.find(TEAM, "bad222"))).toEqual([]);
    expect(idsOf(await kept.liveRuns(TEAM))).toEqual(["bad333"]);
    expect(await kept.get(ref("bad222"))).toBeUndefined();
    expect(told).toEqual([ref("bad222")]);
    // Another version may be able to read it.
    await redis.hset(`test:run:${TEAM}:bad222`, "json", json);
    expect(idsOf(await kept.find(TEAM, "bad"))).toEqual(["bad222", "bad333"]);
  });
});

describe("what a record need not keep goes:", () => {
  const end = (id: string) =>
    store.updateNewest(
      ref(id),
      (run) => ({ ...withArga(run, `arga-${id}`), phase: runIn("ended").phase }),
      () => true,
    );

  afterEach(() => void vi.useRealTimers());

  test("the ids of runs whose time is up, both of each; those of the others stay", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    for (const id of ["old222", "new222", "live22"]) await keep({ id });
    await end("old222");
    vi.setSystemTime(Date.now() + 20 * 24 * 3600_000);
    await end("new222");
    vi.setSystemTime(Date.now() + 11 * 24 * 3600_000);
    await redis.del(`test:run:${TEAM}:old222`);
    await store.updateNewest(ref("live22"), (run) => ({ ...run, newsAt: 1 }));
    expect(await redis.zrange(`test:ids:${TEAM}`, "0", "-1")).toEqual([
      "arga-new222|new222",
      "live22|live22",
      "new222|new222",
    ]);
    expect(await redis.zrange(`test:ids-until:${TEAM}`, "0", "-1")).toEqual([
      "arga-new222|new222",
      "new222|new222",
    ]);
    // One that has something to do again is kept for good.
    await store.updateNewest(ref("new222"), (run) => ({ ...run, newsAt: 1 }));
    expect(await redis.zcard(`test:ids-until:${TEAM}`)).toBe(0);
  });

  test("the response_url after its 30 minutes, and with the run's end", async () => {
    const url = "https://hooks.slack.com/x";
    const urlOf = async (id: string) => (await store.get(ref(id)))?.reply.url;
    const touch = (id: string) => store.updateNewest(ref(id), (run) => ({ ...run, newsAt: Math.random() }));
    await keep({ id: "young2", reply: { user: "U1", channel: "C1", url, at: Date.now() - 29 * 60_000 } });
    await keep({ id: "older2", reply: { user: "U1", channel: "C1", url, at: Date.now() - 31 * 60_000 } });
    await touch("young2");
    await touch("older2");
    expect([await urlOf("young2"), await urlOf("older2")]).toEqual([url, undefined]);
    await end("young2");
    expect(await urlOf("young2")).toBeUndefined();
  });
});
