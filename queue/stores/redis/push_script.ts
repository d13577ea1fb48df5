import { RedisScript } from "../../../redis/mod.ts";
import { FRAME_HEAD, FRAME_TAIL } from "./script_frame.ts";

/**
 * Takes jobs in. Redis refuses it as a whole when its memory is full. Operations: `p` and what a
 * job is, or `o`, which minds no limit; `t`, schedule, tick, and what a job is: length of body, tube, priority, delay, time to
 * live, key, and the text of the record. Answers: the number, negative when a job
 * with the key is there already, 0 when the store is full, `false` when the tick was taken.
 */
export const PUSH_SCRIPT: RedisScript = new RedisScript(`#!lua
${FRAME_HEAD}
local jobs = call("HLEN", P .. "jobs")
local lastId = call("INCRBY", P .. "id", #ops) - #ops
local bodies, results = {}, {}

local function push(limit, length, tube, priority, delay, ttl, key, text)
  local body = nextBytes(length)
  local holder = key and call("HGET", P .. "keys", tube .. "\\0" .. key)
  if holder then
    count(tube, "duplicates", 1)
    return -tonumber(holder)
  end
  if jobs >= limit then return 0 end
  jobs = jobs + 1
  lastId = lastId + 1
  local m, id = string.format("%014.0f", lastId), string.format("%.0f", lastId)
  if key then call("HSET", P .. "keys", tube .. "\\0" .. key, m) end
  local state, more = "ready", ""
  if delay > 0 then
    state, more = "delayed", string.format(',"y":%.3f', now + delay)
    zadd("delayed:" .. tube, now + delay, m)
    zadd("delays", now + delay, m)
  else
    makeReady(tube, priority, m)
  end
  if ttl > 0 then
    more = more .. string.format(',"e":%.3f', now + ttl)
    zadd("expiries", now + ttl, m)
  end
  raws[m] = '{"i":' .. id .. ',"s":"' .. state .. '"' .. more .. "," .. text:sub(2)
  dirty[m] = true
  bodies[#bodies + 1] = m
  bodies[#bodies + 1] = body
  shift(tube, state, priority, 1)
  count(tube, "pushed", 1)
  return lastId
end

for i, op in ipairs(ops) do
  if op[1] == "p" or op[1] == "o" then
    results[i] = push(op[1] == "o" and math.huge or maxJobs, unpack(op, 2))
  elseif (tonumber(call("HGET", P .. "ticks", op[2]) or "-inf")) >= op[3] then
    nextBytes(op[4])
    results[i] = false
  else
    results[i] = push(maxJobs, unpack(op, 4))
    if results[i] ~= 0 then call("HSET", P .. "ticks", op[2], string.format("%.17g", op[3])) end
  end
end
inChunks(bodies, function(...) call("HSET", P .. "bodies", ...) end)
${FRAME_TAIL}`);
