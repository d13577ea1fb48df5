import { RedisScript } from "../../../redis/mod.ts";
import { FRAME_HEAD, FRAME_TAIL, LAYOUT } from "./script_frame.ts";
import { SETS } from "./script_sets.ts";

/**
 * Takes jobs in. Redis refuses it as a whole when its memory is full. Operations:
 *
 * - `plain`, whether it minds no limit, tube, priority, and lengths: jobs of which there is no more
 *   to tell, each with its record, a line feed and its body in one;
 * - `push`, whether it minds no limit, length of body, tube, priority, delay, time to live, key, and
 *   the text of the record;
 * - `tick`, schedule, tick, and what follows `push`.
 *
 * Answers: the number, negative when a job with the key is there already, 0 when the store is full,
 * `false` when the tick was taken; for `plain` the first number, and how many there was room for.
 */
export const PUSH_SCRIPT: RedisScript = new RedisScript(`#!lua
${FRAME_HEAD}${SETS}
local jobs, wanted = call("HLEN", P .. "jobs"), 0
for _, op in ipairs(ops) do wanted = wanted + (op[1] == "plain" and #op[5] or 1) end
local lastId = call("INCRBY", P .. "id", wanted) - wanted
if lastId == 0 then call("SET", P .. "layout", ${LAYOUT}) end
local records, results, verbs = {}, {}, {}

function verbs.plain(isForced, tube, priority, sizes)
  local room = isForced and #sizes or math.max(0, math.min(#sizes, maxJobs - jobs))
  local first, score, key, at = lastId + 1, tostring(priority), "ready:" .. tube, #records
  local list = adds[key] or {}
  adds[key], jobs = list, jobs + room
  local size = #list
  for i = 1, #sizes do
    local from = blobAt
    blobAt = from + sizes[i]
    if i <= room then
      lastId = lastId + 1
      local m = format("%014d", lastId)
      records[at + 1], records[at + 2] = m, sub(blob, from, blobAt - 1)
      list[size + 1], list[size + 2] = score, m
      at, size = at + 2, size + 2
    end
  end
  if room > 0 then
    readied[tube] = true
    shift(tube, "ready", priority, room)
    count(tube, "pushed", room)
  end
  return {first, room}
end

function verbs.push(isForced, length, tube, priority, delay, ttl, key, text)
  local body = nextBytes(length)
  local holder = key and call("HGET", P .. "keys", tube .. "\\0" .. key)
  if holder then
    count(tube, "duplicates", 1)
    return -tonumber(holder)
  end
  if not isForced and jobs >= maxJobs then return 0 end
  jobs, lastId = jobs + 1, lastId + 1
  local m, more = format("%014d", lastId), ""
  records[#records + 1] = m
  records[#records + 1] = "\\n" .. body
  if key then call("HSET", P .. "keys", tube .. "\\0" .. key, m) end
  if delay > 0 then
    more = format(',"y":%.3f', now + delay)
    zadd("delayed:" .. tube, now + delay, m)
    zadd("delays", now + delay, m)
  else
    makeReady(tube, priority, m)
  end
  if ttl > 0 then
    more = more .. format(',"e":%.3f', now + ttl)
    zadd("expiries", now + ttl, m)
  end
  dirty[m] = text:sub(1, -2) .. more .. "}"
  shift(tube, delay > 0 and "delayed" or "ready", priority, 1)
  count(tube, "pushed", 1)
  return lastId
end

function verbs.tick(schedule, tick, length, ...)
  if tonumber(call("HGET", P .. "ticks", schedule) or "-inf") >= tick then
    nextBytes(length)
    return false
  end
  local result = verbs.push(false, length, ...)
  if result ~= 0 then call("HSET", P .. "ticks", schedule, format("%.17g", tick)) end
  return result
end

for i, op in ipairs(ops) do results[i] = verbs[op[1]](unpack(op, 2)) end
inChunks(records, function(...) call("HSET", P .. "jobs", ...) end)
${FRAME_TAIL}`);
