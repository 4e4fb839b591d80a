import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePort } from "./ports.ts";

/** A Redis of the test's own: a free port, a folder of its own, gone with {@link PrivateRedis.stop}. */
export interface PrivateRedis {
  url: string;
  port: number;
  /** SIGKILL, as when the machine dies; what was acknowledged is in the append-only file. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what it had. */
  start(): Promise<void>;
  /** Every key with its value as text, for assertions on what is kept. */
  dump(): Promise<string>;
  stop(): Promise<void>;
}

const BINARIES = ["redis-server", "valkey-server"];

export async function startRedis(): Promise<PrivateRedis> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const dir = await mkdtemp(join(tmpdir(), "arga-slack-redis-"));
  let server = await launch(port, dir);
  const end = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await gone;
  };
  return {
    url,
    port,
    kill: end,
    start: async () => {
      server = await launch(port, dir);
    },
    dump: () => dump(url),
    stop: async () => {
      await end();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, dir: string): Promise<ReturnType<typeof spawn>> {
  for (const binary of BINARIES) {
    const args = [
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--dir",
      dir,
      "--save",
      "",
      "--appendonly",
      "yes",
    ];
    const server = spawn(binary, args, { stdio: "ignore" });
    const isThere = await new Promise<boolean>((resolve) => {
      server.once("spawn", () => resolve(true));
      server.once("error", () => resolve(false));
    });
    if (!isThere) continue;
    await answering(port);
    return server;
  }
  throw new Error("No redis-server on PATH; script/bootstrap installs one.");
}

async function answering(port: number): Promise<void> {
  const probe = new Redis(port, "127.0.0.1", { retryStrategy: () => 20, maxRetriesPerRequest: null });
  probe.on("error", () => {});
  await probe.ping();
  probe.disconnect();
}

async function dump(url: string): Promise<string> {
  const redis = new Redis(url);
  const parts: string[] = [];
  for (const key of await redis.keys("*")) parts.push(`${key} ${await contentOf(redis, key)}`);
  redis.disconnect();
  return parts.join("\n");
}

async function contentOf(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case "string":
      return String(await redis.get(key));
    case "hash":
      return JSON.stringify(await redis.hgetall(key));
    case "list":
      return JSON.stringify(await redis.lrange(key, "0", "-1"));
    case "set":
      return JSON.stringify(await redis.smembers(key));
    case "zset":
      return JSON.stringify(await redis.zrange(key, "0", "-1"));
    case "stream":
      return JSON.stringify(await redis.xrange(key, "-", "+"));
    default:
      return "";
  }
}

/** A small wait between two looks at a condition; never a wait *for* one. */
export const tick = (): Promise<void> => sleep(20);
