import type { ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { closedPort } from "./ports.ts";
import { spawnRedis } from "./redis.ts";
import { PATIENCE_MS, tick } from "./waiting.ts";

/** Several Redis servers that know each other: a primary with replicas and sentinels, or a cluster. All of it is real. */

/** One server, on a port of its own. */
interface Server {
  port: number;
  /** A connection for the test. */
  redis: Redis;
  /** As when its machine dies. */
  kill(): Promise<void>;
}

/** Servers that are gone with {@link Servers.stop}, and their folder with them. */
class Servers {
  readonly #dir: string;
  readonly #ends: (() => Promise<void>)[] = [];

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async create(): Promise<Servers> {
    return new Servers(await mkdtemp(join(tmpdir(), "arga-slack-redis-")));
  }

  /** Starts one with this configuration, line by line; `client` is how the test gets in. */
  async start(
    lines: readonly string[],
    client: { password?: string } = {},
    args: string[] = [],
    tries = 5,
  ): Promise<Server> {
    const port = await closedPort();
    const dir = join(this.#dir, String(port));
    const file = join(dir, "redis.conf");
    const common = [`port ${port}`, "bind 127.0.0.1", `dir ${dir}`];
    await mkdir(dir);
    await writeFile(file, [...common, ...lines, ""].join("\n"));
    const child = await spawnRedis([file, ...args]);
    const redis = new Redis({
      ...client,
      port,
      host: "127.0.0.1",
      retryStrategy: () => 50,
      maxRetriesPerRequest: null,
    });
    redis.on("error", () => {});
    const kill = (): Promise<void> => end(child);
    this.#ends.push(async () => {
      redis.disconnect();
      await kill();
    });
    const isGone = new Promise<boolean>((resolve) => child.once("exit", () => resolve(true)));
    // In a cluster it also wants the port 10,000 above its own, which may be anybody's.
    const isDead = redis.ping().then(
      () => false,
      () => true,
    );
    if (await Promise.race([isDead, isGone])) {
      if (tries === 1) throw new Error(`no Redis starts with ${file}`);
      redis.disconnect();
      return await this.start(lines, client, args, tries - 1);
    }
    return {
      port,
      redis,
      kill,
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#ends.map((each) => each()));
    await rm(this.#dir, { recursive: true, force: true });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

/** One by itself, with this configuration. */
export async function startServer(
  lines: readonly string[],
  args: string[] = [],
): Promise<Server & { stop(): Promise<void> }> {
  const servers = await Servers.create();
  return { ...(await servers.start(lines, {}, args)), stop: () => servers.stop() };
}

/** As a careful operator has it. */
const KEPT = ["save ''", "appendonly yes", "repl-diskless-sync-delay 0"];

interface Group {
  url: string;
  /** The server that has the bot's keys now. */
  primary(): Promise<Server>;
  stop(): Promise<void>;
}

/** Passwords for the servers and for the sentinels, to see that each gets its own. */
const PASSWORDS = { redis: "secret-of-redis", sentinel: "secret-of-sentinels" } as const;
/**
 * Milliseconds without an answer after which a server counts as gone. Of one that was merely busy for so long, the others
 * would make a replica: what it took last, and had no time to hand on, would be lost, as with any Redis.
 */
const DOWN_MS = 3_000;

/** A primary, two replicas, and three sentinels of which two have to agree. */
export async function startSentinels(): Promise<Group> {
  const servers = await Servers.create();
  const { redis: password, sentinel } = PASSWORDS;
  const settings = [...KEPT, `requirepass ${password}`, `masterauth ${password}`];
  const first = await servers.start(settings, { password });
  const replicas = await Promise.all(
    [1, 2].map(() => servers.start([...settings, `replicaof 127.0.0.1 ${first.port}`], { password })),
  );
  await until(async () => /slave1:.*online/.test(await first.redis.info("replication")));
  const watching = [
    `requirepass ${sentinel}`,
    `sentinel sentinel-pass ${sentinel}`,
    `sentinel monitor main 127.0.0.1 ${first.port} 2`,
    `sentinel auth-pass main ${password}`,
    `sentinel down-after-milliseconds main ${DOWN_MS}`,
    "sentinel failover-timeout main 5000",
  ];
  const sentinels = await Promise.all(
    [1, 2, 3].map(() => servers.start(watching, { password: sentinel }, ["--sentinel"])),
  );
  await until(async () =>
    (await Promise.all(sentinels.map(({ redis }) => redis.call("SENTINEL", "CKQUORUM", "main")))).every(
      (said) => String(said).startsWith("OK 3"),
    ),
  );
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",");
  const all = [first, ...replicas];
  return {
    url: `redis+sentinel://:${password}@${hosts}/main?sentinel_password=${sentinel}`,
    primary: async () => {
      const said = await sentinels[0]?.redis.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main");
      return found(all, Number((said as string[] | undefined)?.[1]));
    },
    stop: () => servers.stop(),
  };
}

const SLOTS = 16_384;

/** Three primaries, each with a replica. */
export async function startCluster(key: string): Promise<Group> {
  const servers = await Servers.create();
  const all = await Promise.all(
    Array.from({ length: 6 }, () =>
      servers.start([
        ...KEPT,
        "cluster-enabled yes",
        `cluster-node-timeout ${DOWN_MS}`,
        "cluster-replica-validity-factor 0",
      ]),
    ),
  );
  const [first, ...others] = all;
  if (!first) throw new Error("there is no server");
  for (const [n, { redis }] of all.slice(0, 3).entries()) {
    await redis.call("CLUSTER", "SET-CONFIG-EPOCH", n + 1);
    const [from, to] = [Math.floor((SLOTS * n) / 3), Math.floor((SLOTS * (n + 1)) / 3)];
    await redis.call("CLUSTER", "ADDSLOTS", ...Array.from({ length: to - from }, (_, i) => from + i));
  }
  for (const { port } of others) await first.redis.call("CLUSTER", "MEET", "127.0.0.1", port);
  const everyone = async (what: RegExp): Promise<boolean> =>
    (await Promise.all(all.map(({ redis }) => redis.call("CLUSTER", "INFO")))).every((said) =>
      what.test(String(said)),
    );
  await until(() => everyone(/cluster_known_nodes:6/));
  for (const [n, { redis }] of all.slice(3).entries()) {
    const id = await all[n]?.redis.call("CLUSTER", "MYID");
    await redis.call("CLUSTER", "REPLICATE", String(id));
  }
  await until(() => everyone(/cluster_state:ok/));
  await until(async () =>
    (await Promise.all(all.slice(3).map(({ redis }) => redis.info("replication")))).every((said) =>
      said.includes("master_link_status:up"),
    ),
  );
  const slot = Number(await first.redis.call("CLUSTER", "KEYSLOT", key));
  return {
    url: `redis+cluster://${all.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
    primary: async () => {
      const said = await all.at(-1)?.redis.call("CLUSTER", "SLOTS");
      const ranges = said as [from: number, to: number, primary: [string, number]][] | undefined;
      return found(all, ranges?.find(([from, to]) => from <= slot && slot <= to)?.[2][1]);
    },
    stop: () => servers.stop(),
  };
}

function found(servers: readonly Server[], port: number | undefined): Server {
  const server = servers.find((each) => each.port === port);
  if (!server) throw new Error(`no server listens on ${port}`);
  return server;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await tick())
    if (await condition().catch(() => false)) return;
  throw new Error("the servers didn't find each other in time");
}
