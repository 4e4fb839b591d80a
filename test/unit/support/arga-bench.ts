import type { Redis } from "ioredis";
import { pino } from "pino";
import { type Arga, type ArgaOptions, startArga } from "../../../sim/arga/server.ts";
import { ArgaClient } from "../../../src/api/client.ts";
import type { ArgaDeps } from "../../../src/jobs/arga/deps.ts";
import { Followers } from "../../../src/jobs/arga/followers.ts";
import { Lifetimes } from "../../../src/jobs/arga/lifetimes.ts";
import { observeForFollower } from "../../../src/jobs/arga/observe.ts";
import { RunQueues } from "../../../src/jobs/queues.ts";
import { createArgaCache } from "../../../src/store/arga-cache.ts";
import { connectRedis, queueConnection } from "../../../src/store/redis.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { startRedis } from "../../support/redis.ts";
import { PATIENCE_MS } from "../../support/waiting.ts";
import { failOnUnreadable } from "./runs.ts";

/** A Redis and a local Arga, with what Arga's reconciler works with. No worker runs: the test calls it. */
export interface ArgaBench {
  arga: Arga;
  deps: ArgaDeps;
  redis: Redis;
  /** Of the queues, for workers of the test's own. */
  connection: Redis;
  prefix: string;
  /** The routes that Arga was asked for since, in order. */
  requestsSince(count: number): string[];
  stop(): Promise<void>;
}

const PREFIX = "test";

export async function startArgaBench(options: ArgaOptions = {}): Promise<ArgaBench> {
  const logger = pino({ level: "silent" }) as never;
  const [server, arga] = await Promise.all([startRedis(), startArga(options)]);
  const redis = connectRedis({ url: server.path, prefix: "arga" }, logger, PATIENCE_MS);
  const connection = queueConnection({ url: server.path, prefix: "arga" });
  const client = new ArgaClient({ url: arga.url, key: arga.key });
  const store = new RunStore(redis, PREFIX, failOnUnreadable);
  const queues = new RunQueues(connection, PREFIX);
  const parts = { store, queues, logger, arga: client };
  const deps: ArgaDeps = {
    ...parts,
    argaCache: createArgaCache(client, redis, PREFIX),
    followers: { follow: (run) => followers.follow(run), followedFor: (ref) => followers.followedFor(ref) },
    creating: new Set(),
    lifetimes: new Lifetimes(),
    remindBeforeMs: 5 * 60_000,
    signal: new AbortController().signal,
  };
  const followers = new Followers({ ...parts, redis, prefix: PREFIX, look: observeForFollower(deps) });
  return {
    arga,
    deps,
    redis,
    connection,
    prefix: PREFIX,
    requestsSince: (count) => arga.requests.slice(count).map(({ route }) => route),
    stop: async () => {
      await followers.stop();
      await queues.close();
      redis.disconnect();
      connection.disconnect();
      await client.destroy();
      await Promise.all([arga.close(), server.stop()]);
    },
  };
}
