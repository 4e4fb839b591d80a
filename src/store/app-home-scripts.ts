/** What happens to Homes in one step, as scripts for Redis. The fields are those of 0.1.0. */

/**
 * KEYS: what was shown of the run, ends, viewers, changes. ARGV: fingerprint, id, end or '', requester, viewing since,
 * kept since, seconds of what was shown, ends kept, seconds of ends.
 * Lists the run if it ended, and returns who is to see it: those who look, and its requester. Where nobody is, it
 * counts as shown at once; otherwise whoever asked says so when they were told.
 */
export const CHANGED = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return {} end
if ARGV[3] ~= '' then
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -ARGV[8] - 1)
  redis.call('EXPIRE', KEYS[2], ARGV[9])
end
local viewers = redis.call('ZRANGEBYSCORE', KEYS[3], ARGV[5], '+inf')
local seen = tonumber(redis.call('ZSCORE', KEYS[3], ARGV[4]) or '0')
if seen >= tonumber(ARGV[6]) and seen < tonumber(ARGV[5]) then table.insert(viewers, ARGV[4]) end
if #viewers == 0 then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[7])
  return {}
end
redis.call('INCR', KEYS[4])
redis.call('EXPIRE', KEYS[4], ARGV[9])
return viewers`;

/** KEYS: home, viewers. ARGV: now, user, kept since, seconds, then fields and values. Someone looks at their Home. */
export const VIEWED = `
local before = tonumber(redis.call('HGET', KEYS[1], 'looked') or '0')
redis.call('HSET', KEYS[1], 'looked', ARGV[1], unpack(ARGV, 5))
redis.call('HINCRBY', KEYS[1], 'looks', 1)
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return tostring(before)`;

/** KEYS: home. ARGV: hash, now, views. A Home that was let go meanwhile stays so. */
export const PUBLISHED = `
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('HSET', KEYS[1], 'hash', ARGV[1], 'published', ARGV[2], 'answered', ARGV[3])`;
