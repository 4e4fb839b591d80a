/** What happens to a run's record and its indexes in one step, as scripts for Redis. */

/**
 * KEYS: record, live, ids, the requester's live runs, and any number of marks. ARGV: json, member of live, score, entry
 * of ids, how many live runs one person may have, seconds of each mark.
 * Writes a new record and its marks, unless one of the marks stands already, or the person has enough: 1 written, 0 seen
 * before, -1 too many.
 */
export const CREATE = `
for i = 5, #KEYS do if redis.call('EXISTS', KEYS[i]) == 1 then return 0 end end
if redis.call('SCARD', KEYS[4]) >= tonumber(ARGV[5]) then return -1 end
for i = 5, #KEYS do redis.call('SET', KEYS[i], ARGV[2], 'EX', ARGV[i + 1]) end
redis.call('SADD', KEYS[4], ARGV[2])
redis.call('HSET', KEYS[1], 'version', 1, 'json', ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
redis.call('ZADD', KEYS[3], 0, ARGV[4])
return 1`;

/**
 * KEYS: record, live, ids, the requester's live runs, ids-until. ARGV: version read, json, member of live, settled
 * (0/1), entry of ids or '', kept seconds, score, the first entry of ids, seconds since the epoch.
 * Writes the next version, unless another was written meanwhile: 1 written, 0 not. Entries of records whose time is up
 * go with it, some at a time: a sorted set can't forget its members one by one.
 */
export const WRITE = `
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1] + 1, 'json', ARGV[2])
if ARGV[5] ~= '' then redis.call('ZADD', KEYS[3], 0, ARGV[5]) end
if ARGV[4] == '1' then
  redis.call('ZREM', KEYS[2], ARGV[3])
  redis.call('SREM', KEYS[4], ARGV[3])
  redis.call('EXPIRE', KEYS[1], ARGV[6])
  redis.call('ZADD', KEYS[5], ARGV[9] + ARGV[6], ARGV[8])
  if ARGV[5] ~= '' then redis.call('ZADD', KEYS[5], ARGV[9] + ARGV[6], ARGV[5]) end
else
  redis.call('ZADD', KEYS[2], ARGV[7], ARGV[3])
  redis.call('SADD', KEYS[4], ARGV[3])
  redis.call('PERSIST', KEYS[1])
  redis.call('ZREM', KEYS[5], ARGV[8], ARGV[5])
end
for _, entry in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', '(' .. ARGV[9], 'LIMIT', 0, 20)) do
  redis.call('ZREM', KEYS[3], entry)
  redis.call('ZREM', KEYS[5], entry)
end
return 1`;

/** KEYS: record. ARGV: version. Marks that version as told, if it is the newest. */
export const TOLD = `
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'told', ARGV[1])
return 1`;
