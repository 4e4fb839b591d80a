import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { endsWithUs } from "../test/support/children.ts";
import { closedPort } from "../test/support/ports.ts";
import { startRedis } from "../test/support/redis.ts";
import type { Surroundings } from "./surroundings.ts";

/** A process that answers on a port. */
export interface Served {
  url: string;
  child: ChildProcess;
  stop(): Promise<void>;
}

/** Starts Node with these arguments; resolves once it says on which port it listens, as the bot and the peers do. */
export async function serve(args: string[], env: Record<string, string>): Promise<Served> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  endsWithUs(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const [, bot, peer] = /"port":(\d+)|^listening (\d+)/.exec(line) ?? [];
    if (!bot && !peer) continue;
    child.stdout.resume();
    return { url: `http://127.0.0.1:${bot ?? peer}`, child, stop: () => ended(child) };
  }
  throw new Error(`${args.join(" ")} ended before it listened`);
}

/** Where bots talk to, as a process of its own (surroundings.ts). */
export async function startSurroundings(): Promise<Surroundings & { stop(): Promise<void> }> {
  const child = spawn(process.execPath, ["--import", "tsx", "bench/surroundings.ts"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  endsWithUs(child);
  for await (const line of createInterface({ input: child.stdout }))
    return { ...(JSON.parse(line) as Surroundings), stop: () => ended(child) };
  throw new Error("The local Slack and Arga ended before they told where they are");
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** Resolves once the bot's `/readyz` says so. */
export async function ready(url: string): Promise<void> {
  while (!(await fetch(`${url}/readyz`).catch(() => undefined))?.ok)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A Redis of its own on a port, without its file: what a disk takes is nobody's figure here. */
export async function redisOnPort(): Promise<{ url: string; path: string; stop: () => Promise<void> }> {
  const port = await closedPort();
  const { path, stop } = await startRedis({ port: String(port), appendonly: "no" });
  return { url: `redis://127.0.0.1:${port}`, path, stop };
}

/** Ticks of `/proc` are hundredths of a second on Linux, whatever the machine. */
const TICK_MS = 10;

/** The processor time that a process has taken, in ms; NaN where the system doesn't say. */
export function cpuOf({ pid }: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return Number.NaN;
  }
}

/** What it has of the machine's memory, in MB; NaN where the system doesn't say. */
export function memoryOf({ pid }: ChildProcess): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
  } catch {
    return Number.NaN;
  }
}

/** The environment of a bot between a local Slack and a local Arga. */
export const envOf = ({
  slack,
  arga,
  redis,
}: Surroundings & { redis: { url: string } }): Record<string, string> => ({
  SLACK_BOT_TOKEN: slack.botToken,
  SLACK_SIGNING_SECRET: slack.signingSecret,
  SLACK_API_URL: slack.apiUrl,
  ARGA_API_KEY: arga.key,
  ARGA_API_URL: arga.url,
  REDIS_URL: redis.url,
  PORT: "0",
  LOG_LEVEL: "info",
});
