import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { endsWithUs } from "./children.ts";

/**
 * A Redis of the test's own, gone with {@link PrivateRedis.stop}. It listens on a socket in a folder of its own, never
 * on a port that another process may have taken; a bot reaches it through {@link startRedisProxy}.
 */
export interface PrivateRedis {
  /** Of its socket; ioredis takes it in place of a URL. */
  path: string;
  /** SIGKILL, as when the machine dies; what was acknowledged is in the append-only file. */
  kill(): Promise<void>;
  /** Starts it again, with what it had. */
  start(): Promise<void>;
  /** Every key with its value as text, for assertions on what is kept. */
  dump(): Promise<string>;
  stop(): Promise<void>;
}

const BINARIES = ["redis-server", "valkey-server"];
const SOCKET = "redis.sock";

/** `options` are lines of its configuration, in place of or besides ours. */
export async function startRedis(options: Record<string, string> = {}): Promise<PrivateRedis> {
  const dir = await mkdtemp(join(tmpdir(), "arga-slack-redis-"));
  const path = join(dir, SOCKET);
  let server = await launch(dir, options);
  const end = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await gone;
  };
  return {
    path,
    kill: end,
    start: async () => {
      server = await launch(dir, options);
    },
    dump: () => dump(path),
    stop: async () => {
      await end();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function launch(dir: string, more: Record<string, string>): Promise<ChildProcess> {
  const options = { port: "0", unixsocket: SOCKET, dir, save: "", appendonly: "yes", ...more };
  const server = await spawnRedis(Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]));
  await answering(join(dir, SOCKET));
  return server;
}

/** A server of this machine's Redis or Valkey, as it is started by hand. */
export async function spawnRedis(args: readonly string[]): Promise<ChildProcess> {
  for (const binary of BINARIES) {
    const server = spawn(binary, args, { stdio: "ignore" });
    const isThere = await new Promise<boolean>((resolve) => {
      server.once("spawn", () => resolve(true));
      server.once("error", () => resolve(false));
    });
    if (!isThere) continue;
    endsWithUs(server);
    return server;
  }
  throw new Error("No redis-server on PATH; script/bootstrap installs one.");
}

async function answering(path: string): Promise<void> {
  const probe = new Redis(path, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  probe.on("error", () => {});
  await probe.ping();
  probe.disconnect();
}

async function dump(path: string): Promise<string> {
  const redis = new Redis(path);
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
