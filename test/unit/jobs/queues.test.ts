import { Queue } from "bullmq";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { queuePrefix, RunQueues } from "../../../src/jobs/queues.ts";
import { connectRedis, queueConnection } from "../../../src/store/redis.ts";
import { type PrivateRedis, startRedis } from "../../support/redis.ts";

let server: PrivateRedis;

beforeEach(async () => {
  server = await startRedis();
});

afterEach(() => server.stop());

test("queues that were made while Redis was away work once it is there, each of them", async () => {
  await server.kill();
  const redis = connectRedis({ url: server.path, prefix: "arga" }, pino({ level: "silent" }));
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
