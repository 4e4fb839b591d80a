import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { closedPort } from "../ports.ts";
import { type PrivateRedis, startRedis } from "../redis.ts";

interface Member {
  redis: PrivateRedis;
  port: number;
}

/** A master and its replica, as whoever runs Redis for others has them. */
export class RedisPair {
  #master: Member;
  #replica: Member;

  private constructor(master: Member, replica: Member) {
    this.#master = master;
    this.#replica = replica;
  }

  static async start(): Promise<RedisPair> {
    const [master, replica] = await Promise.all([member(), member()]);
    const pair = new RedisPair(master, replica);
    await pair.#follow();
    return pair;
  }

  get master(): PrivateRedis {
    return this.#master.redis;
  }

  /** What an operator types, in a connection of their own. */
  async ask(name: string, ...args: string[]): Promise<unknown> {
    return await asked(this.#master, name, ...args);
  }

  /**
   * The replica takes over once it has everything, and the old master refuses to write from then on. Returns false if the
   * replica wasn't in step, so that nothing happened.
   */
  async failOver(): Promise<boolean> {
    const isInStep = await within(10_000, async () =>
      String(await asked(this.#replica, "INFO", "replication")).includes("master_link_status:up"),
    );
    if (!isInStep) return false;
    await asked(this.#master, "FAILOVER", "TIMEOUT", "5000");
    const isDone = await within(10_000, async () =>
      String(await asked(this.#replica, "INFO", "replication")).includes("role:master"),
    );
    if (isDone) [this.#master, this.#replica] = [this.#replica, this.#master];
    return isDone;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#master.redis.stop(), this.#replica.redis.stop()]);
  }

  async #follow(): Promise<void> {
    await asked(this.#replica, "REPLICAOF", "127.0.0.1", String(this.#master.port));
  }
}

async function member(): Promise<Member> {
  const port = await closedPort();
  return { port, redis: await startRedis({ port: String(port), "repl-diskless-sync-delay": "0" }) };
}

async function asked({ redis }: Member, name: string, ...args: string[]): Promise<unknown> {
  const admin = new Redis(redis.path, { maxRetriesPerRequest: 3 });
  admin.on("error", () => {});
  try {
    return await admin.call(name, ...args);
  } finally {
    admin.disconnect();
  }
}

async function within(ms: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const until = performance.now() + ms;
  while (performance.now() < until) {
    if (await isSo()) return true;
    await sleep(50);
  }
  return false;
}
