import { pino } from "pino";
import type { Config } from "../base/config.ts";
import { messageOf } from "../base/errors.ts";
import { ownerOf } from "../store/prefix-claim.ts";
import { connectRedis } from "../store/redis.ts";
import { RedisCheck, type RedisFigures, RedisUnfit } from "../store/redis-check.ts";
import { bad, type Finding, ok, warn } from "./finding.ts";

/** An acknowledgement takes several answers, and Slack waits 3 s. */
const SLOW_MS = 50;
const FULL = 0.8;
/** Of a machine so busy that a command would be refused, it's said that Redis is slow rather than away. */
const PATIENCE_MS = 5_000;

/** What is right and wrong with Redis, and whose prefix it is, by a connection that is closed afterwards. */
export async function examineRedis({
  redis: { url, prefix },
}: Config): Promise<{ findings: Finding[]; owner: string | null }> {
  const redis = connectRedis({ url, prefix }, pino({ level: "silent" }), PATIENCE_MS);
  const check = new RedisCheck(redis, { url, prefix });
  try {
    const unsafe = await check.inspect();
    const figures = await check.figures();
    return {
      findings: [
        ok("redis", `${figures.name} ${figures.version} does all that the bot asks of it`),
        ...unsafe.map((says) => warn("redis", says)),
        speed(figures),
        memory(figures),
        ...(figures.isWritten
          ? []
          : [bad("redis", "Redis can't write its append-only file", "Free its disk")]),
      ],
      owner: await ownerOf(redis, prefix),
    };
  } catch (error) {
    if (error instanceof RedisUnfit) return { findings: [bad("redis", messageOf(error))], owner: null };
    const advice = "Check REDIS_URL, and that Redis runs, is no replica, and lets this machine in";
    return { findings: [bad("redis", check.explain(error), advice)], owner: null };
  } finally {
    redis.disconnect();
  }
}

function speed({ latencyMs }: RedisFigures): Finding {
  const says = `Redis answers within ${latencyMs < 1 ? "a millisecond" : `${Math.ceil(latencyMs)} ms`}`;
  return latencyMs > SLOW_MS
    ? warn("redis", `${says}, which is slow`, "Move the bot next to its Redis, or look at what keeps it busy")
    : ok("redis", says);
}

function memory({ usedBytes, mostBytes }: RedisFigures): Finding {
  const used = `Redis uses ${megabytes(usedBytes)} MB`;
  if (mostBytes === 0) return ok("redis", `${used} and has no limit (maxmemory)`);
  const says = `${used} of the ${megabytes(mostBytes)} MB that it may (maxmemory)`;
  return usedBytes > FULL * mostBytes
    ? warn("redis", says, "Raise maxmemory: once it is full, commands are refused")
    : ok("redis", says);
}

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1);
