import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CodedError } from "../../../src/base/errors.ts";
import { queuePrefix, RunQueues } from "../../../src/jobs/queues.ts";
import { type Reconciler, ReconcileWorker } from "../../../src/jobs/reconciler.ts";
import type { RunRef } from "../../../src/runs/run.ts";
import { queueConnection, StoreUnavailable } from "../../../src/store/redis.ts";
import { type PrivateRedis, startRedis } from "../../support/redis.ts";
import { PATIENCE_MS } from "../../support/waiting.ts";

/** A worker on a real queue: when it looks again, and what becomes of what happens while it looks. */

const PREFIX = "test";
const run: RunRef = { team: "T1", id: "a" };

let server: PrivateRedis;
let connection: Redis;
let queues: RunQueues;
let jobs: Queue<RunRef>;
let worker: ReconcileWorker | undefined;
/** What the reconciler was called with, how each job went, and at which level it was logged. */
let looks: RunRef[];
let outcomes: string[];
let levels: number[];

beforeEach(async () => {
  server = await startRedis();
  connection = queueConnection({ url: server.path, prefix: PREFIX });
  connection.on("error", () => {});
  queues = new RunQueues(connection, PREFIX);
  jobs = new Queue("arga", { connection, prefix: queuePrefix(PREFIX) });
  [looks, outcomes, levels] = [[], [], []];
});

afterEach(async () => {
  await worker?.close(true);
  worker = undefined;
  await jobs.close();
  await queues.close();
  connection.disconnect();
  await server.stop();
});

function work(reconciler: Reconciler): void {
  const logger = pino({}, { write: (line: string) => void levels.push(JSON.parse(line).level) });
  worker = new ReconcileWorker({
    queue: "arga",
    reconciler: async (ref) => {
      looks.push(ref);
      return await reconciler(ref);
    },
    queues,
    connection,
    prefix: PREFIX,
    logger: logger as never,
    jobs: { inc: ({ queue, outcome }) => void outcomes.push(`${queue} ${outcome}`) },
  });
}

const until = (isSo: () => void | Promise<void>): Promise<void> => vi.waitFor(isSo, { timeout: PATIENCE_MS });
/** Milliseconds from now to the next look that is planned. */
async function plannedIn(): Promise<number | undefined> {
  const [job] = await jobs.getDelayed();
  return job && job.timestamp + job.delay - Date.now();
}

describe("a job", () => {
  test("has its run looked at once, and leaves nothing", async () => {
    work(async () => undefined);
    await queues.enqueue("arga", run);
    await until(() => expect(outcomes).toEqual(["arga done"]));
    expect(looks).toEqual([run]);
    await until(async () =>
      expect(await jobs.getJobCounts()).toMatchObject({ completed: 0, delayed: 0, failed: 0 }),
    );
  });

  test("comes back when the reconciler said so, also at once", async () => {
    work(async () => (looks.length < 3 ? { requeueAt: Date.now() + 20 } : {}));
    await queues.enqueue("arga", run);
    await until(() => expect(outcomes).toEqual(["arga again", "arga again", "arga done"]));
  });

  test("that is to come back much later waits, if nothing is stale", async () => {
    work(async () => ({ requeueAt: Date.now() + 3_600_000, isStale: async () => false }));
    await queues.enqueue("arga", run);
    await until(async () => expect(await plannedIn()).toBeGreaterThan(3_500_000));
    expect(looks).toHaveLength(1);
  });

  test("comes back at once, if there is something that it hasn't looked at", async () => {
    work(async () => ({ requeueAt: Date.now() + 3_600_000, isStale: async () => looks.length < 2 }));
    await queues.enqueue("arga", run);
    await until(() => expect(looks).toHaveLength(2));
    await until(async () => expect(await plannedIn()).toBeGreaterThan(3_500_000));
    expect(looks).toHaveLength(2);
  });

  test("that was asked for while one was at work follows it", async () => {
    work(async () => {
      if (looks.length === 1) await queues.enqueue("arga", run);
      return undefined;
    });
    await queues.enqueue("arga", run);
    await until(() => expect(outcomes).toEqual(["arga done", "arga done"]));
  });
});

class Known extends CodedError {
  readonly code = "KNOWN";
}

test.each([
  ["of a kind that we know", new Known("no"), 40],
  ["that is a mistake of ours", new TypeError("no"), 50],
])("an error %s has the run looked at again in five seconds", async (_, error, level) => {
  work(async () => {
    throw error;
  });
  await queues.enqueue("arga", run);
  await until(async () => expect(await plannedIn()).toBeDefined());
  const wait = (await plannedIn()) ?? 0;
  expect(wait).toBeGreaterThan(1_000);
  expect(wait).toBeLessThanOrEqual(5_000);
  expect(outcomes).toEqual(["arga error"]);
  expect(levels).toEqual([level]);
});

test("what Redis refused is looked at again in a second: new cards came five after it was back", async () => {
  work(async () => {
    throw new StoreUnavailable(new Error("READONLY You can't write against a read only replica."));
  });
  await queues.enqueue("arga", run);
  await until(async () => expect(await plannedIn()).toBeDefined());
  expect(await plannedIn()).toBeLessThanOrEqual(1_000);
  expect(outcomes[0]).toBe("arga error");
});

test("says why it takes no jobs: no connection, or not running", async () => {
  work(async () => undefined);
  await until(() => expect(worker?.problem).toBeUndefined());
  await server.kill();
  await until(() => expect(worker?.problem).toMatch(/^no connection to Redis \(.+\)$/));
  await server.start();
  await until(() => expect(worker?.problem).toBeUndefined());
  await worker?.close();
  expect(worker?.problem).toBe("not running");
});
