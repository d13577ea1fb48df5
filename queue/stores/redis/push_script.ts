import { RedisScript } from "../../../redis/mod.ts";
import { FRAME_HEAD, FRAME_TAIL } from "./script_frame.ts";

/**
 * Takes jobs in. Redis refuses it as a whole when its memory is full. Operations: `p` length of
 * body, job; `t` schedule, tick, length of body, job. Answers: the number, negative when a job
 * with the key is there already, 0 when the store is full, `false` when the tick was taken.
 */
export const PUSH_SCRIPT: RedisScript = new RedisScript(`#!lua
${FRAME_HEAD}
local jobs = call("HLEN", P .. "jobs")
local lastId = call("INCRBY", P .. "id", #ops) - #ops
local bodies, results = {}, {}

local function push(length, meta)
  local body = nextBytes(length)
  local holder = meta.k and call("HGET", P .. "keys", meta.t .. "\\0" .. meta.k)
  if holder then
    count(meta.t, "duplicates", 1)
    return -tonumber(holder)
  end
  if jobs >= maxJobs then return 0 end
  jobs = jobs + 1
  lastId = lastId + 1
  local m = string.format("%014.0f", lastId)
  if meta.k then call("HSET", P .. "keys", meta.t .. "\\0" .. meta.k, m) end
  meta.i = lastId
  meta.s = meta.d > 0 and "delayed" or "ready"
  if meta.d > 0 then meta.y = now + meta.d end
  if meta.e then
    meta.e = now + meta.e
    zadd("expiries", meta.e, m)
  end
  bodies[#bodies + 1] = m
  bodies[#bodies + 1] = body
  place(m, meta)
  count(meta.t, "pushed", 1)
  return lastId
end

for i, op in ipairs(ops) do
  if op[1] == "p" then
    results[i] = push(op[2], op[3])
  elseif (tonumber(call("HGET", P .. "ticks", op[2]) or "-inf")) >= op[3] then
    nextBytes(op[4])
    results[i] = false
  else
    results[i] = push(op[4], op[5])
    if results[i] ~= 0 then call("HSET", P .. "ticks", op[2], string.format("%.17g", op[3])) end
  end
end
inChunks(bodies, function(...) call("HSET", P .. "bodies", ...) end)
${FRAME_TAIL}`);
