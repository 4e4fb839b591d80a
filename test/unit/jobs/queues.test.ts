import { Queue } from "bullmq";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { queuePrefix, RunQueues } from "../../../src/jobs/queues.ts";
import { connectRedis, queueConnection } from "../../../src/store/redis.ts";
import { type PrivateRedis, startRedis } from "../../support/redis.ts";
import { PATIENCE_MS } from "../../support/waiting.ts";

let server: PrivateRedis;

beforeEach(async () => {
  server = await startRedis();
});

afterEach(() => server.stop());

test("queues that were made while Redis was away work once it is there, each of them", async () => {
  await server.kill();
  const redis = connectRedis({ url: server.path, prefix: "arga" }, pino({ level: "silent" }), PATIENCE_MS);
  const queues = new RunQueues(redis, "test");
  await expect(queues.enqueue("arga", { team: "T1", id: "a" })).rejects.toThrow();
  await server.start();
  await expect.poll(() => redis.ping().catch(String)).toBe("PONG");
  const connection = queueConnection({ url: server.path, prefix: "arga" });
  for (const name of ["arga", "slack", "notices", "watch", "home"] as const) {
    await queues.enqueue(name, { team: "T1", id: "a" });
    const jobs = new Queue(name, { connection, prefix: queuePrefix("test") });
    expect(await jobs.getWaitingCount(), name).toBe(1);
    await jobs.close();
  }
  await queues.close();
  redis.disconnect();
  connection.disconnect();
});

/** The queue "slack" as it is, and what waits in it: by id, when it's to be looked at, in ms from now. */
async function withQueues(
  act: (queues: RunQueues, planned: () => Promise<Record<string, number>>) => Promise<void>,
): Promise<void> {
  const connection = queueConnection({ url: server.path, prefix: "test" });
  const queues = new RunQueues(connection, "test");
  const jobs = new Queue<{ id: string }>("slack", { connection, prefix: queuePrefix("test") });
  await act(queues, async () => {
    const all = await jobs.getJobs(["waiting", "prioritized", "delayed"]);
    return Object.fromEntries(all.map(({ data, delay }) => [data.id, delay]));
  });
  await jobs.close();
  await queues.close();
  connection.disconnect();
}

const named = (id: string | number) => ({ team: "T1", id: String(id) });

test("what was lost comes in at once up to two hundred, and then five milliseconds apart", async () => {
  await withQueues(async (queues, planned) => {
    await queues.ensureAllEnqueued("slack", []);
    await queues.ensureAllEnqueued(
      "slack",
      Array.from({ length: 203 }, (_, n) => named(n)),
    );
    const at = await planned();
    expect(Object.keys(at)).toHaveLength(203);
    expect([at[0], at[199], at[200], at[201], at[202]]).toEqual([0, 0, 0, 5, 10]);
    await queues.ensureAllEnqueued("slack", [named("more"), named("most")], 300);
    const later = await planned();
    expect([later.more, later.most]).toEqual([500, 505]);
  });
});

test("a job of a run is one: ensured it stays when it is, enqueued it moves", async () => {
  await withQueues(async (queues, planned) => {
    const run = named("a");
    const inAnHour = Date.now() + 3_600_000;
    await queues.enqueueAt("slack", run, inAnHour);
    await queues.ensureEnqueued("slack", run);
    await queues.ensureAllEnqueued("slack", [run]);
    expect((await planned()).a).toBeGreaterThan(3_500_000);
    await queues.enqueueAt("slack", run, inAnHour + 3_600_000);
    expect((await planned()).a).toBeGreaterThan(7_000_000);
    await queues.enqueue("slack", run);
    expect(await planned()).toEqual({ a: 0 });
    await queues.ensureEnqueued("slack", named("b"), Date.now() - 5);
    expect((await planned()).b).toBe(0);
  });
});

test("which runs have no job is known of each of many", async () => {
  await withQueues(async (queues) => {
    await queues.enqueue("slack", named("a"));
    await queues.enqueueAt("slack", named("b"), Date.now() + 3_600_000);
    const asked = ["x", "a", "y", "b", "z"].map(named);
    expect(await queues.withoutJob("slack", asked)).toEqual(["x", "y", "z"].map(named));
    expect(await queues.withoutJob("arga", asked)).toEqual(asked);
    expect(await queues.withoutJob("slack", [])).toEqual([]);
  });
});

test("what waits for its time is looked at at once when the clock was set back", async () => {
  const connection = queueConnection({ url: server.path, prefix: "test" });
  const queues = new RunQueues(connection, "test");
  const jobs = new Queue("arga", { connection, prefix: queuePrefix("test") });
  await queues.enqueueAt("arga", { team: "T1", id: "a" }, Date.now() + 3_600_000);
  expect(await jobs.getDelayedCount()).toBe(1);
  await queues.bringForward();
  expect([await jobs.getDelayedCount(), await jobs.getWaitingCount()]).toEqual([0, 1]);
  await jobs.close();
  await queues.close();
  connection.disconnect();
});
