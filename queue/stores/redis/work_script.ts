import { RedisScript } from "../../../redis/mod.ts";
import { FRAME_HEAD, FRAME_TAIL } from "./script_frame.ts";
import { SETS } from "./script_sets.ts";
import { GIVING } from "./work_giving.ts";
import { MOVES } from "./work_moves.ts";

const VERBS = `
local function held(op)
  local meta = metaOf(op[2])
  return meta and meta.s == "reserved" and meta.l == op[3] and meta
end

local verbs, results = {}, {}
function verbs.reserve(op) return reserve(op[2], op[3]) end
function verbs.reserveJob(op)
  local meta = metaOf(op[2])
  if not meta or meta.s == "reserved" then return 0 end
  pull(op[2], meta)
  if meta.q then call("HSETNX", P .. "gates", gateOf(meta), op[2]) end
  grant(op[2], meta)
  return 1
end
-- Ends jobs that have nothing but their leases to be given up.
local function completePlain(list, tubes)
  inChunks(list, function(...)
    call("ZREM", P .. "leases", ...)
    call("HDEL", P .. "held", ...)
    call("HDEL", P .. "jobs", ...)
  end)
  for tube, by in pairs(tubes) do
    count(tube, "reserved", -by)
    count(tube, "completed", by)
  end
end

-- Of each job its number, its lease and the length of its result, below 0 for none.
function verbs.complete(op)
  local list, answers, isAll, plainOnes, tubes = op[2], {}, true, {}, {}
  settle()
  for i = 1, #list, 3 do
    local m, lease, length = list[i], list[i + 1], list[i + 2]
    local result = length >= 0 and "=" .. nextBytes(length) or ""
    local held = heldOf(m)
    local isHeld = held ~= nil and held.lease == lease
    if not isHeld then
      isAll = false
    elseif held.tube and metas[m] == nil then
      tubes[held.tube] = (tubes[held.tube] or 0) + 1
      helds[m], metas[m], plainOnes[#plainOnes + 1] = false, false, m
      if hasObservers then settled(m, {}, "completed", result) end
    else
      finish(m, metaOf(m), "completed", result)
    end
    answers[#answers + 1] = isHeld
  end
  completePlain(plainOnes, tubes)
  return isAll or answers
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
  meta.a, meta.s, meta.l = meta.a - 1, "ready", nil
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
  local held = heldOf(op[2])
  if not held or held.lease ~= op[3] then return false end
  zadd("leases", now + held.lasts, op[2])
  return true
end
function verbs.progress(op)
  local value, held = nextBytes(op[4]), heldOf(op[2])
  if not held or held.lease ~= op[3] then return false end
  if hasObservers and call("ZSCORE", P .. "observed", op[2]) then announce("P", op[2], "", value) end
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
  tell(op[2], "null", "\\n" .. kept)
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
local ofJobs = {release = true, bury = true, undo = true}
local ids, holders = {}, {}
for _, op in ipairs(ops) do
  if op[1] == "complete" then
    for i = 1, #op[2], 3 do holders[#holders + 1] = op[2][i] end
  elseif ofJobs[op[1]] then
    ids[#ids + 1] = op[2]
  end
end
loadHelds(holders)
load(ids)
for i, op in ipairs(ops) do results[i] = verbs[op[1]](op) end
collect()
`;

/**
 * Gives jobs out, takes them back and looks at them. It runs even when the memory of Redis is full,
 * so that a full queue can be worked off.
 */
export const WORK_SCRIPT: RedisScript = new RedisScript(
  `#!lua flags=allow-oom\n${FRAME_HEAD}${SETS}${MOVES}${GIVING}${VERBS}${RUN}${FRAME_TAIL}`,
);
