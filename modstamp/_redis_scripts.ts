import { RedisScript } from "../redis/mod.ts";

// KEYS: values by id; ids by version; deleted ids by version; version; the caller's session.
// A version is a number of its own for each change: it goes with Redis's clock in milliseconds, or
// one by one before it, so that it grows even when Redis comes back without what it held.
const KEEP_DELETED_MS = 86_400_000;
const SESSION_MS = 86_400_000;

/**
 * Stores changes: ids and values with a byte of length each, an empty value deletes. Refuses what
 * comes from an earlier session of the caller, which may have been on its way for long.
 * ARGV: session, changes, channel. Gives the version of the last change, or nothing.
 */
export const COMMIT = new RedisScript(`
if redis.call("GET", KEYS[5]) ~= ARGV[1] then return "" end
local blob, at, count = ARGV[2], 1, 0
local kept, gone, ids = {}, {}, {}
while at <= #blob do
  local length = blob:byte(at)
  local id = blob:sub(at + 1, at + length)
  at = at + 1 + length
  length = blob:byte(at)
  if length > 0 then
    kept[#kept + 1] = id
    kept[#kept + 1] = blob:sub(at + 1, at + length)
  else
    gone[#gone + 1] = id
  end
  at = at + 1 + length
  count = count + 1
  ids[count] = id
end

local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local version = math.max(tonumber(redis.call("GET", KEYS[4]) or 0) + count, now)
local function write(number) return string.format("%.0f", number) end

local function inChunks(list, run)
  for first = 1, #list, 1000 do run(unpack(list, first, math.min(first + 999, #list))) end
end
redis.call("SET", KEYS[4], write(version))
inChunks(kept, function(...) redis.call("HSET", KEYS[1], ...) end)
inChunks(gone, function(...) redis.call("HDEL", KEYS[1], ...) end)
inChunks(ids, function(...) redis.call("ZREM", KEYS[3], ...) end)
local ranked, buried = {}, {}
for i, id in ipairs(ids) do
  ranked[2 * i - 1] = write(version - count + i)
  ranked[2 * i] = id
end
for i, id in ipairs(gone) do
  buried[2 * i - 1] = write(version)
  buried[2 * i] = id
end
inChunks(ranked, function(...) redis.call("ZADD", KEYS[2], ...) end)
inChunks(buried, function(...) redis.call("ZADD", KEYS[3], ...) end)

local old = redis.call("ZRANGEBYSCORE", KEYS[3], "-inf", write(now - ${KEEP_DELETED_MS}), "LIMIT", 0, 100)
if #old > 0 then
  redis.call("ZREM", KEYS[2], unpack(old))
  redis.call("ZREM", KEYS[3], unpack(old))
end
redis.call("PUBLISH", ARGV[3], write(version) .. "\\n" .. blob)
return write(version)
`);

/** Begins a session. ARGV: its name. Gives the present version. */
export const BEGIN = new RedisScript(`
redis.call("SET", KEYS[5], ARGV[1], "PX", ${SESSION_MS})
return redis.call("GET", KEYS[4]) or "0"
`);

/**
 * Reads what has changed since a version. ARGV: version, most changes to read. Gives the present
 * version, that of the last change that was read if there may be more, and the changes.
 */
export const SINCE = new RedisScript(`
local found = redis.call(
  "ZRANGEBYSCORE", KEYS[2], "(" .. ARGV[1], "+inf", "WITHSCORES", "LIMIT", 0, ARGV[2]
)
local parts = {}
for i = 1, #found, 2 do
  local id = found[i]
  local value = redis.call("HGET", KEYS[1], id) or ""
  parts[#parts + 1] = string.char(#id) .. id .. string.char(#value) .. value
end
local last = #found == 2 * ARGV[2] and found[#found] or ""
return {redis.call("GET", KEYS[4]) or "0", last, table.concat(parts)}
`);
