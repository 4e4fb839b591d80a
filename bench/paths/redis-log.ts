import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Redis } from "ioredis";

/** One command that the bot sent: one round trip, whatever a script does inside. */
interface RedisCommand {
  /** ms since the epoch, with fractions, by the clock of this machine. */
  at: number;
  /** As `HGET arga:run`, `EVAL arga:pace` or `EVALSHA bullmq moveToActive`. */
  name: string;
}

export interface RedisLog {
  commands: RedisCommand[];
  close(): void;
}

/** A worker waits for its next job and looks for stalled ones, whatever happens: that is no part of any path. */
const IDLE = /^BZPOPMIN\b|^EVALSHA bullmq moveStalledJobsToWait$/;
/** Asked for a job after each wait too; it counts if it hands one out, which this field of the job shows. */
const TAKES_JOB = "EVALSHA bullmq moveToActive";
const TAKEN = "processedOn";

/**
 * What BullMQ still has to do: how many jobs wait or are at work, and when the next planned one is due. BullMQ's score
 * of a delayed job is its time in ms, shifted by twelve bits.
 */
const PENDING = `
local busy, due = 0, -1
for _, kind in ipairs({'wait', 'active'}) do
  for _, key in ipairs(redis.call('KEYS', '*:' .. kind)) do busy = busy + redis.call('LLEN', key) end
end
for _, key in ipairs(redis.call('KEYS', '*:delayed')) do
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  local at = first and math.floor(tonumber(first) / 4096) or -1
  if at >= 0 and (due < 0 or at < due) then due = at end
end
return {busy, tostring(due)}`;

/** Whether no job is at work, or is to be within so many ms. */
export async function isIdle(redis: Redis, ms: number): Promise<boolean> {
  const [busy, due] = (await redis.eval(PENDING, 0)) as [number, string];
  return busy === 0 && (Number(due) < 0 || Number(due) > Date.now() + ms);
}

/** Listens to what the bot sends to a Redis. What scripts do inside shows as well, and is left out. */
export async function listenTo(path: string): Promise<RedisLog> {
  const commands: RedisCommand[] = [];
  const scripts = bullmqScripts();
  const redis = new Redis(path);
  const monitor = await redis.monitor();
  let asked: RedisCommand | undefined;
  monitor.on("monitor", (time: string, escaped: string[], source: string) => {
    const args = escaped.map((arg) => arg.replaceAll("\\n", "\n"));
    if (source === "lua") {
      if (asked && args.includes(TAKEN)) commands.push(asked);
      if (args.includes(TAKEN)) asked = undefined;
      return;
    }
    const command = { at: Number(time) * 1000, name: nameOf(args, scripts) };
    asked = command.name === TAKES_JOB ? command : undefined;
    if (!asked && args[1] !== PENDING && !IDLE.test(command.name)) commands.push(command);
  });
  const close = (): void => {
    monitor.disconnect();
    redis.disconnect();
  };
  return { commands, close };
}

function nameOf([command = "", ...args]: string[], scripts: Map<string, string>): string {
  const verb = command.toUpperCase();
  if (verb !== "EVAL" && verb !== "EVALSHA") return `${verb} ${family(args[0])}`.trim();
  const script = scripts.get(verb === "EVAL" ? sha(args[0] ?? "") : (args[0] ?? ""));
  return script ? `EVALSHA bullmq ${script}` : `EVAL ${family(args[2])}`;
}

/** A key without what is one run's, channel's or person's own: all words before the first that holds a digit. */
function family(key = ""): string {
  const words = key.split(":");
  const end = words.findIndex((word) => /\d|[A-Z]/.test(word));
  return (end < 0 ? words : words.slice(0, end)).join(":");
}

const sha = (text: string): string => createHash("sha1").update(text).digest("hex");

/** The names of BullMQ's scripts by their hash, as Redis knows them. */
function bullmqScripts(): Map<string, string> {
  const load = createRequire(import.meta.url);
  const dir = join(dirname(load.resolve("bullmq")), "scripts");
  const names = new Map<string, string>();
  for (const file of readdirSync(dir).filter((name) => /^\w+-\d+\.js$/.test(name)))
    for (const script of Object.values(load(join(dir, file)) as Record<string, unknown>))
      if (isScript(script)) names.set(sha(script.content), script.name);
  return names;
}

const isScript = (value: unknown): value is { name: string; content: string } =>
  typeof value === "object" && value !== null && "content" in value && "name" in value;
