import { RedisScript } from "../../../redis/mod.ts";
import { FRAME_HEAD, FRAME_TAIL } from "./script_frame.ts";
import { GIVING } from "./work_giving.ts";
import { MOVES } from "./work_moves.ts";

const VERBS = `
local function held(op)
  local meta = metaOf(op[2])
  return meta and meta.s == "reserved" and meta.l == op[3] and meta
end

-- A record as it was pushed and reserved, without keys, and whose outcome needs not be kept.
local AS_RESERVED = '^{"i":%d+,"s":"reserved","l":(%d+),"u":[%d.]+,"t":"([^"\\\\]*)","p":%d+,' ..
  '"c":%d+,"d":%d+,"r":%d+,"a":%d+,"m":%d+}$'

local verbs = {}
function verbs.reserve(op) return reserve(op[2], op[3]) end
function verbs.reserveJob(op)
  local meta = metaOf(op[2])
  if not meta or meta.s == "reserved" then return 0 end
  pull(op[2], meta)
  if meta.q then call("HSETNX", P .. "gates", gateOf(meta), op[2]) end
  grant(op[2], meta)
  return 1
end
function verbs.complete(op)
  local result = op[4] >= 0 and "=" .. nextBytes(op[4]) or ""
  local raw = metas[op[2]] == nil and raws[op[2]]
  local lease, tube = (raw or ""):match(AS_RESERVED)
  if lease and tonumber(lease) == op[3] then
    finishPlain(op[2], tube, result)
    return true
  end
  local meta = held(op)
  if not meta then return false end
  finish(op[2], meta, "completed", result)
  return true
end
function verbs.release(op)
  local meta = held(op)
  if not meta then return false end
  pull(op[2], meta)
  meta.p, meta.re = op[4], (meta.re or 0) + 1
  if op[6] then meta.w = op[6] end
  note(meta, RELEASED, op[6])
  if not op[7] then meta.a = math.max(0, meta.a - 1) end
  count(meta.t, "releases", 1)
  giveBack(op[2], meta, op[5])
  return true
end
-- Takes a reservation back that reached nobody.
function verbs.undo(op)
  local meta = held(op)
  if not meta then return false end
  pull(op[2], meta)
  meta.a, meta.s, meta.l, meta.u = meta.a - 1, "ready", nil, nil
  count(meta.t, "reserves", -1)
  place(op[2], meta)
  leaveGate(op[2], meta)
  return true
end
function verbs.bury(op)
  local meta = held(op)
  if not meta then return false end
  pull(op[2], meta)
  meta.p = op[4]
  if op[5] then meta.w = op[5] end
  note(meta, BURIED, op[5])
  bury(op[2], meta)
  return true
end
function verbs.touch(op)
  local meta = held(op)
  if not meta then return false end
  meta.u = now + meta.r
  zadd("leases", meta.u, op[2])
  dirty[op[2]], raws[op[2]] = true, nil
  return true
end
function verbs.progress(op)
  local value = nextBytes(op[4])
  if not held(op) then return false end
  if hasObservers and call("ZSCORE", P .. "observed", op[2]) then tell("P", op[2], "", value) end
  return true
end
function verbs.delete(op)
  local meta = metaOf(op[2])
  if not meta or meta.s == "reserved" then return false end
  finish(op[2], meta, "deleted", "")
  return true
end
function verbs.kick(op)
  settle()
  local ids = call("ZRANGE", P .. "buried:" .. op[2], 0, op[3] - 1)
  if #ids == 0 then ids = call("ZRANGE", P .. "delayed:" .. op[2], 0, op[3] - 1) end
  load(ids)
  for _, m in ipairs(ids) do kick(m, metaOf(m)) end
  return #ids
end
function verbs.kickJob(op)
  local meta = metaOf(op[2])
  if not meta or (meta.s ~= "buried" and meta.s ~= "delayed") then return false end
  kick(op[2], meta)
  return true
end
function verbs.peek(op) return look(op[2]) end
function verbs.peekNext(op)
  settle()
  local first = call("ZRANGE", P .. op[3] .. ":" .. op[2], 0, 0)
  return first[1] and look(first[1]) or 0
end
function verbs.list(op) return list(op[2], op[3], op[4], op[5]) end
function verbs.pause(op)
  local tube, ms = op[2], op[3]
  count(tube, "pauses", 1)
  call("HSET", P .. "tube:" .. tube, "pauseMs", ms)
  if ms == "0" then
    call("ZREM", P .. "pauses", tube)
    readied[tube] = true
  else
    call("ZADD", P .. "pauses", ms == "inf" and ms or now + tonumber(ms), tube)
  end
  return true
end
function verbs.outcome(op)
  local kept = call("GET", P .. "outcome:" .. op[2])
  if not kept then return -1 end
  outIds[#outIds + 1] = op[2]
  outMetas[#outMetas + 1] = "null"
  outBodies[#outMetas] = kept
  return 1
end
function verbs.observe(op)
  if metaOf(op[2]) then
    call("ZREMRANGEBYSCORE", P .. "observed", "-inf", now)
    call("ZADD", P .. "observed", now + 86400000, op[2])
    hasObservers = true
  end
  return true
end
function verbs.refresh()
  isAll = true
  local time = call("TIME")
  return time[1] * 1000 + time[2] / 1000
end
`;

const RUN = `
local ofJobs = {complete = true, release = true, bury = true, touch = true, undo = true}
local ids, results = {}, {}
for _, op in ipairs(ops) do
  if ofJobs[op[1]] then ids[#ids + 1] = op[2] end
end
load(ids)
for i, op in ipairs(ops) do results[i] = verbs[op[1]](op) end
local at = 0
inChunks(outIds, function(...)
  local found = call("HMGET", P .. "bodies", ...)
  for i = 1, #found do
    at = at + 1
    outBodies[at] = outBodies[at] or found[i] or ""
    lengths[at] = #outBodies[at]
  end
end)
`;

/**
 * Gives jobs out, takes them back and looks at them. It runs even when the memory of Redis is full,
 * so that a full queue can be worked off.
 */
export const WORK_SCRIPT: RedisScript = new RedisScript(
  `#!lua flags=allow-oom\n${FRAME_HEAD}${MOVES}${GIVING}${VERBS}${RUN}${FRAME_TAIL}`,
);
