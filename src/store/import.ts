import { isDeepStrictEqual } from "node:util";
import type { Redis } from "ioredis";
import type { Run } from "../runs/run.ts";
import { ownerOf, PrefixTaken } from "./prefix-claim.ts";
import { decodeRun } from "./run-record.ts";
import { ImportRefused, type Line, type LineOf, readLines } from "./transfer-lines.ts";

/**
 * KEYS: record, live, ids, the requester's live runs, ids-until. ARGV: version, json, member of live, score, until in ms
 * or '', entries of ids.
 * Writes a record and its indexes, unless there is one as new: 1 written, 0 not.
 */
const RESTORE_RUN = `
if tonumber(redis.call('HGET', KEYS[1], 'version') or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'json', ARGV[2])
for i = 6, #ARGV do redis.call('ZADD', KEYS[3], 0, ARGV[i]) end
if ARGV[5] == '' then
  redis.call('PERSIST', KEYS[1])
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
  redis.call('SADD', KEYS[4], ARGV[3])
  for i = 6, #ARGV do redis.call('ZREM', KEYS[5], ARGV[i]) end
else
  redis.call('PEXPIREAT', KEYS[1], ARGV[5])
  redis.call('ZREM', KEYS[2], ARGV[3])
  redis.call('SREM', KEYS[4], ARGV[3])
  for i = 6, #ARGV do redis.call('ZADD', KEYS[5], math.floor(ARGV[5] / 1000), ARGV[i]) end
end
return 1`;

/** How many lines of each sort were written. */
type Imported = Partial<Record<Line["type"], number>>;

/**
 * Writes what {@link exported} gave into another Redis, or back. All of it is looked at before anything is written: a
 * record that is newer here, or subscriptions and outboxes that differ, refuse the whole. Doing it again does nothing.
 * @throws {ImportRefused} {@link PrefixTaken}
 */
export async function importLines(redis: Redis, prefix: string, text: string): Promise<Imported> {
  const lines = readLines(text).filter(
    (line) => !("until" in line) || !line.until || line.until > Date.now(),
  );
  const conflicts: string[] = [];
  for (const line of lines) {
    const why = await conflictOf(redis, prefix, line);
    if (why !== undefined) conflicts.push(why);
  }
  if (conflicts.length > 0)
    throw new ImportRefused(
      `This Redis has what is newer than the export, or differs from it: ${some(conflicts)}. Nothing was imported. Import into an empty Redis, or under another REDIS_PREFIX.`,
    );
  const written: Imported = {};
  for (const line of lines)
    if (await writeLine(redis, prefix, line)) written[line.type] = (written[line.type] ?? 0) + 1;
  return written;
}

const some = (all: readonly string[]): string =>
  all.length > 5 ? `${all.slice(0, 5).join(", ")} and ${all.length - 5} more` : all.join(", ");

/** What of this line may not be written over, or undefined. */
async function conflictOf(redis: Redis, prefix: string, line: Line): Promise<string | undefined> {
  switch (line.type) {
    case "bot": {
      const owner = await ownerOf(redis, prefix);
      if (owner !== null && owner !== line.bot) throw new PrefixTaken(prefix, owner, line.bot);
      return undefined;
    }
    case "run": {
      const { team, id } = decoded(line);
      const version = await redis.hget(`${prefix}:run:${team}:${id}`, "version");
      return Number(version ?? 0) > line.version ? `run ${id}` : undefined;
    }
    case "subscriptions": {
      const json = await redis.hget(`${prefix}:subs:${line.team}`, line.channel);
      return json === null || json === line.json ? undefined : `subscriptions of ${line.channel}`;
    }
    case "digest": {
      const json = await redis.hget(`${prefix}:digests`, line.of);
      return json === null || json === line.json ? undefined : `the digest of ${line.of}`;
    }
    case "outbox":
      return (await isAsWritten(redis, prefix, line)) ? undefined : `the outbox of ${line.channel}`;
    default:
      return undefined;
  }
}

/** Whether a channel's outbox is as the export has it, or there is none. */
async function isAsWritten(
  redis: Redis,
  prefix: string,
  { team, channel, fields, pending }: LineOf<"outbox">,
): Promise<boolean> {
  const key = `${prefix}:board:${team}:${channel}`;
  if ((await redis.exists(key, `${key}:pending`)) === 0) return true;
  const here = [(await redis.hget(key, "version")) ?? "0", ...(await redis.lrange(`${key}:pending`, 0, -1))];
  return isDeepStrictEqual(here, [fields.version ?? "0", ...pending]);
}

function decoded({ json, version }: LineOf<"run">): Run {
  try {
    return decodeRun(json, String(version));
  } catch (error) {
    throw new ImportRefused(
      "The export has a record that this version can't read. Was it made by a newer one?",
      { cause: error },
    );
  }
}

/** false: it was there already. */
async function writeLine(redis: Redis, prefix: string, line: Line): Promise<boolean> {
  switch (line.type) {
    case "bot":
      return (await redis.set(`${prefix}:bot`, line.bot, "NX")) === "OK";
    case "run":
      return await writeRun(redis, prefix, line);
    case "subscriptions":
      await redis.sadd(`${prefix}:subscribers`, line.team);
      return (await redis.hsetnx(`${prefix}:subs:${line.team}`, line.channel, line.json)) === 1;
    case "digest":
      return (await redis.hsetnx(`${prefix}:digests`, line.of, line.json)) === 1;
    case "history":
      for (const [run, json] of Object.entries(line.fields))
        await redis.hsetnx(`${prefix}:${line.name}`, run, json);
      return await ending(redis, prefix, line);
    case "outbox":
      return await writeOutbox(redis, prefix, line);
    case "home":
      if ((await redis.exists(`${prefix}:${line.name}`)) === 1) return false;
      await redis.hset(`${prefix}:${line.name}`, line.fields);
      return await ending(redis, prefix, line);
    case "mark":
      if ((await redis.set(`${prefix}:${line.name}`, line.value, "NX")) === null) return false;
      return await ending(redis, prefix, line);
    case "times":
      for (let i = 0; i + 1 < line.entries.length; i += 2)
        await redis.zadd(`${prefix}:${line.name}`, "NX", Number(line.entries[i + 1]), line.entries[i] ?? "");
      return await ending(redis, prefix, line);
    default:
      return false;
  }
}

async function writeRun(redis: Redis, prefix: string, line: LineOf<"run">): Promise<boolean> {
  const run = decoded(line);
  const { team, id, requester, requestedAt, arga } = run;
  const name = `${team}:${id}`;
  const keys = [
    `${prefix}:run:${name}`,
    `${prefix}:live`,
    `${prefix}:ids:${team}`,
    `${prefix}:live:${team}:${requester.id}`,
    `${prefix}:ids-until:${team}`,
  ];
  const entries = [`${id}|${id}`, ...(arga ? [`${arga.id.toLowerCase()}|${id}`] : [])];
  const args = [line.version, line.json, name, requestedAt, line.until ?? "", ...entries];
  return (await redis.eval(RESTORE_RUN, keys.length, ...keys, ...args)) === 1;
}

async function writeOutbox(
  redis: Redis,
  prefix: string,
  { team, channel, fields, pending }: LineOf<"outbox">,
): Promise<boolean> {
  const key = `${prefix}:board:${team}:${channel}`;
  if ((await redis.exists(key, `${key}:pending`)) > 0) return false;
  const writing = redis.multi();
  if (Object.keys(fields).length > 0) writing.hset(key, fields);
  if (pending.length > 0) writing.rpush(`${key}:pending`, ...pending);
  if (pending.length > 0 || fields.sending) writing.sadd(`${prefix}:boards`, `${team}:${channel}`);
  await writing.exec();
  return true;
}

/** Ends what was written when it would have ended where it comes from. */
async function ending(
  redis: Redis,
  prefix: string,
  { name, until }: LineOf<"history" | "home" | "mark" | "times">,
): Promise<true> {
  if (until !== undefined) await redis.pexpireat(`${prefix}:${name}`, Math.round(until));
  return true;
}
