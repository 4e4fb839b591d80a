import type { Redis } from "ioredis";
import { CodedError } from "../base/errors.ts";

/** Another bot's records are under this prefix: with both at work, each would show and change the other's runs. */
export class PrefixTaken extends CodedError {
  readonly code = "PREFIX_TAKEN";

  constructor(prefix: string, owner: string, bot: string) {
    super(
      `In this Redis, "${prefix}" belongs to the bot ${owner}, and this is ${bot}. Set another REDIS_PREFIX. If that bot is gone for good, delete the key ${prefix}:bot.`,
    );
  }
}

/** The bot that a prefix belongs to, as {@link PrefixTaken} names it; null: nobody's. */
export const ownerOf = (redis: Redis, prefix: string): Promise<string | null> => redis.get(`${prefix}:bot`);

/** Takes the prefix for a bot, in all of its processes and for ever. Throws {@link PrefixTaken} if it is another's. */
export async function claimPrefix(
  redis: Redis,
  prefix: string,
  { team, botUserId }: { team: string; botUserId: string },
): Promise<void> {
  const bot = `${team}:${botUserId}`;
  const key = `${prefix}:bot`;
  await redis.set(key, bot, "NX");
  const owner = await redis.get(key);
  if (owner !== null && owner !== bot) throw new PrefixTaken(prefix, owner, bot);
}
