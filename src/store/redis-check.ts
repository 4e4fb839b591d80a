import { createHash, randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { CodedError, messageOf } from "../base/errors.ts";
import { placeOf, type RedisTarget, readRedisUrl } from "../base/redis-url.ts";
import type { RedisSettings } from "./redis.ts";

/** Redis can't do what the bot needs, and waiting won't change that. */
export class RedisUnfit extends CodedError {
  readonly code = "REDIS_UNFIT";
}

const OLDEST = [6, 2] as const;
/** Of one look; the shared connection's commands have less. */
const BLOCKED_SECONDS = 0.01;
const MARK_SECONDS = 60;

/** Of which the middle one counts: the first opens the connection. */
const PINGS = 7;

/** How a Redis is doing. */
export interface RedisFigures {
  name: "Redis" | "Valkey";
  version: string;
  latencyMs: number;
  usedBytes: number;
  /** 0: no limit. */
  mostBytes: number;
  /** Its append-only file could be written last time. */
  isWritten: boolean;
}

/** What is asked of each type of value, by our own scripts or BullMQ's; the key stands for `%`. */
const USED = [
  "SET % 1",
  "GET %",
  "INCR %",
  "EXPIRE % 60",
  "PEXPIRE % 60000",
  "PEXPIREAT % 9999999999999",
  "PTTL %",
  "PERSIST %",
  "EXISTS %",
  "UNLINK %",
  "HSET % a 1 b 2",
  "HMSET % a 1",
  "HGET % a",
  "HMGET % a b",
  "HGETALL %",
  "HVALS %",
  "HEXISTS % a",
  "HLEN %",
  "HINCRBY % a 1",
  "HDEL % a",
  "DEL %",
  "LPUSH % a",
  "RPUSH % b",
  "LLEN %",
  "LINDEX % 0",
  "LRANGE % 0 -1",
  "LPOS % a",
  "LSET % 0 a",
  "LREM % 0 a",
  "LTRIM % 0 1",
  "RPOPLPUSH % %",
  "LPOP %",
  "RPOP %",
  "DEL %",
  "SADD % a",
  "SCARD %",
  "SISMEMBER % a",
  "SMEMBERS %",
  "SREM % a",
  "DEL %",
  "ZADD % 1 a 2 b",
  "ZCARD %",
  "ZCOUNT % 0 1",
  "ZRANK % a",
  "ZSCORE % a",
  "ZRANGE % 0 -1",
  "ZREVRANGE % 0 -1",
  "ZRANGEBYSCORE % 0 1",
  "ZREVRANGEBYSCORE % 1 0",
  "ZRANGEBYLEX % - +",
  "ZREM % b",
  "ZREMRANGEBYSCORE % 9 9",
  "ZREMRANGEBYRANK % 9 9",
  "ZPOPMIN %",
  "DEL %",
  "XADD % * a 1",
  "XTRIM % MAXLEN 0",
  "DEL %",
  "TIME",
];

/** KEYS: one of our own. ARGV: commands. Runs each and returns what became of those that failed: name, error, … */
const TRY_ALL = `
local failed = {}
for _, line in ipairs(ARGV) do
  local words = {}
  for word in string.gmatch(line, '%S+') do
    if word == '%' then word = KEYS[1] end
    table.insert(words, word)
  end
  local answer = redis.pcall(unpack(words))
  if type(answer) == 'table' and answer.err then
    table.insert(failed, words[1])
    table.insert(failed, answer.err)
  end
end
return failed`;

/** Says whether Redis does what the bot needs: all of it once at the start, and whether it takes writes at any time. */
export class RedisCheck {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #target: RedisTarget;
  /** Why the connection broke: what commands say afterwards is only that there is none. */
  #lost: Error | undefined;

  /** Made before `redis` connects, of the same settings. */
  constructor(redis: Redis, { url, prefix }: RedisSettings) {
    this.#redis = redis;
    this.#prefix = prefix;
    const target = readRedisUrl(url);
    if (typeof target === "string") throw new TypeError(`REDIS_URL ${target}`);
    this.#target = target;
    redis.on("error", (error) => {
      this.#lost = error;
    });
    redis.on("ready", () => {
      this.#lost = undefined;
    });
  }

  /**
   * Tries everything that the bot will ask. Returns what is unsafe about this Redis, a sentence each, and throws
   * {@link RedisUnfit} when it can't be used, anything else when it doesn't answer yet.
   */
  async inspect(): Promise<string[]> {
    const facts = await this.#unlessRefused("info", () => this.#facts());
    const version = facts("redis_version");
    if (isOlder(version, OLDEST))
      throw new RedisUnfit(`Redis ${version} is too old: the bot needs ${OLDEST.join(".")} or newer.`);
    if (facts("cluster_enabled") === "1" && this.#target.mode !== "cluster")
      throw new RedisUnfit("REDIS_URL leads to a Redis Cluster. Write redis+cluster:// at its beginning.");
    if (facts("redis_mode") === "sentinel")
      throw new RedisUnfit(
        "REDIS_URL leads to a Sentinel. Write redis+sentinel:// at its beginning and the primary's name at its end.",
      );
    await this.#tryCommands();
    const isAlone = this.#target.mode !== "single" && facts("connected_slaves") === "0";
    return [
      evicting(facts),
      facts("aof_enabled") === "0" ? NO_FILE : undefined,
      isAlone ? NO_REPLICA : undefined,
    ].filter((line) => line !== undefined);
  }

  /** What is wrong with Redis now, for `/readyz` and the log, or undefined. */
  async problem(): Promise<string | undefined> {
    try {
      await this.#mark();
      return evicting(await this.#facts());
    } catch (error) {
      return this.explain(error);
    }
  }

  /** What Redis says of itself, and how long it takes to answer. */
  async figures(): Promise<RedisFigures> {
    const facts = await this.#facts();
    const times: number[] = [];
    for (let i = 0; i < PINGS; i++) {
      const begun = performance.now();
      await this.#redis.ping();
      times.push(performance.now() - begun);
    }
    return {
      version: facts("valkey_version") || facts("redis_version"),
      name: facts("valkey_version") === "" ? "Redis" : "Valkey",
      latencyMs: times.sort((a, b) => a - b)[Math.floor(PINGS / 2)] ?? 0,
      usedBytes: Number(facts("used_memory")),
      mostBytes: Number(facts("maxmemory")),
      isWritten: facts("aof_last_write_status") !== "err",
    };
  }

  /** What an error of Redis means, in one sentence without anything secret. */
  explain(thrown: unknown): string {
    const said = messageOf(this.#redis.status === "ready" ? thrown : (this.#lost ?? thrown));
    const known = MEANINGS.find(([pattern]) => pattern.test(said));
    return known ? known[1] : `${placeOf(this.#target)} isn't answering (${said})`;
  }

  get #key(): string {
    return `${this.#prefix}:check`;
  }

  async #mark(): Promise<void> {
    await this.#redis.set(this.#key, "1", "EX", MARK_SECONDS);
  }

  async #facts(): Promise<(name: string) => string> {
    const lines = (await this.#redis.info()).split(/\r?\n/);
    return (name) => lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1) ?? "";
  }

  async #tryCommands(): Promise<void> {
    // Of its own: what marks the other one, this process's `/readyz` or another process, would come in between.
    const key = `${this.#prefix}:check:${randomUUID()}`;
    // By itself first: of a command inside a script the client doesn't see that this is no master any more.
    await this.#unlessRefused("set", () => this.#mark());
    const failed = (await this.#unlessRefused("eval", () =>
      this.#redis.eval(TRY_ALL, 1, key, ...USED),
    )) as string[];
    const names: string[] = [];
    for (let i = 0; i < failed.length; i += 2) {
      const [name = "", error = ""] = failed.slice(i, i + 2);
      // A replica or a full Redis refuses writes as well, but not for ever; a value that couldn't be deleted is an
      // error of its own for each command after it.
      if (isRefusal(error)) names.push(name.toLowerCase());
      else if (!error.includes("WRONGTYPE")) throw new Error(error);
    }
    if (names.length > 0) throw this.#refused(...names);
    const sha = createHash("sha1").update(TRY_ALL).digest("hex");
    await this.#unlessRefused("evalsha", () => this.#redis.evalsha(sha, 1, key));
    await this.#unlessRefused("multi", () => this.#redis.multi().exists(key).exec());
    // Another key: the mark that `/readyz` writes meanwhile would be of the wrong type.
    await this.#unlessRefused("bzpopmin", () => this.#tryBlocking(`${key}:none`));
  }

  /** On a connection of its own, as each worker has one: it holds up whatever comes after it. */
  async #tryBlocking(key: string): Promise<void> {
    const own = this.#redis.duplicate();
    let lost: Error | undefined;
    own.on("error", (error) => {
      lost = error;
    });
    try {
      await own.bzpopmin(key, BLOCKED_SECONDS);
    } catch (error) {
      if (!lost) throw error;
      throw new Error(`no second connection: ${lost.message}. Does its maxclients allow more?`, {
        cause: error,
      });
    } finally {
      own.disconnect();
    }
  }

  async #unlessRefused<T>(command: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const said = [messageOf(error), this.#lost?.message ?? ""];
      // A cluster has to be asked where the keys are before all else.
      if (said.some((each) => isRefusal(each) && /'cluster\b/.test(each)))
        throw this.#refused("cluster|slots", "cluster|keyslot");
      if (said.some(isRefusal)) throw this.#refused(command);
      throw error;
    }
  }

  #refused(...commands: string[]): RedisUnfit {
    const user = this.#username || "default";
    const names = [...new Set(commands)];
    const grants = names.map((name) => `+${name}`).join(" ");
    return new RedisUnfit(
      `Redis doesn't let the user "${user}" of REDIS_URL run ${names.join(", ").toUpperCase()} on keys that start with "${this.#prefix}:". Grant it: ACL SETUSER ${user} ~${this.#prefix}:* ${grants} (all that the bot needs: +@all -@admin -@dangerous +info${this.#target.mode === "cluster" ? " +cluster|slots +cluster|keyslot" : ""})`,
    );
  }

  get #username(): string | undefined {
    return this.#target.mode === "single"
      ? decodeURIComponent(new URL(this.#target.url).username)
      : this.#target.access.username;
  }
}

const NO_FILE =
  "Redis keeps no append-only file: what was accepted is lost when it restarts. Set appendonly to yes";

const NO_REPLICA = "The primary of Redis has no replica: nothing takes its place when it's lost";

/** Redis's own words, 6.2 to 8, in scripts and outside of them. */
const isRefusal = (said: string): boolean =>
  !/'sentinel\b/i.test(said) &&
  /NOPERM|ACL failure|can't run this command|no permissions|unknown (?:redis )?command|Unknown Redis command/i.test(
    said,
  );

const MEANINGS: [RegExp, string][] = [
  [/WRONGPASS|NOAUTH|invalid password/, "Redis refuses the password in REDIS_URL."],
  [
    /unknown command[^a-z]{0,4}sentinel/i,
    "REDIS_URL says redis+sentinel://, but what answers there is no Sentinel. Write redis:// if it is Redis itself.",
  ],
  [
    /no sentinel knows a primary/,
    "The sentinels in REDIS_URL don't know the primary that its end names. SENTINEL MASTERS lists those that they know.",
  ],
  [
    /cluster support disabled/,
    "REDIS_URL says redis+cluster://, but what answers there is no cluster. Write redis://.",
  ],
  [
    /CLUSTERDOWN|hash slot not served/i,
    "Redis takes nothing: its cluster is down, or has no primary for the bot's keys",
  ],
  [/READONLY/, "Redis takes no writes: it is a read-only replica"],
  [/OOM/, "Redis takes no writes: its memory is full"],
  [/MISCONF/, "Redis takes no writes: it can't save to its disk"],
  [/NOREPLICAS/, "Redis takes no writes: too few of its replicas answer"],
  [/NOPERM|no permissions/, "Redis doesn't let the user of REDIS_URL do its work"],
];

function evicting(facts: (name: string) => string): string | undefined {
  const policy = facts("maxmemory_policy");
  if (policy === "" || policy === "noeviction") return undefined;
  return `Redis may throw away runs when its memory is full: maxmemory-policy is ${policy}. Set it to noeviction`;
}

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [first = 0, second = 0] = version.split(".").map(Number);
  return first < major || (first === major && second < minor);
}
