import { RedisScript } from "../../../redis/mod.ts";
import { FRAME_HEAD, FRAME_TAIL } from "./script_frame.ts";

// How jobs leave a state, and what is due.
const MOVES = `
local hasObservers = call("EXISTS", P .. "observed") == 1

local function tell(kind, m, state, payload)
  call("PUBLISH", P .. "news", kind .. owner .. "\\n" .. m .. "\\n" .. state .. "\\n" .. payload)
end

local function settled(m, meta, state, payload)
  if state ~= "buried" and meta.o and meta.o > 0 then
    call("SET", P .. "outcome:" .. m, state .. "\\n" .. payload, "PX", string.format("%.0f", meta.o))
  end
  if hasObservers and call("ZREM", P .. "observed", m) == 1 then tell("S", m, state, payload) end
end

local function dropKey(m, meta)
  local key = meta.k and meta.t .. "\\0" .. meta.k
  if key and call("HGET", P .. "keys", key) == m then call("HDEL", P .. "keys", key) end
end

local function leaveGate(m, meta)
  if not meta.q or call("HGET", P .. "gates", gateOf(meta)) ~= m then return end
  call("HDEL", P .. "gates", gateOf(meta))
  settle()
  local freed = call("ZPOPMIN", P .. "parked:" .. gateOf(meta))
  if freed[1] then makeReady(meta.t, freed[2], freed[1]) end
end

local function finish(m, meta, state, payload)
  pull(m, meta)
  if meta.e then zrem("expiries", m) end
  dropKey(m, meta)
  metas[m], dirty[m] = false, nil
  gone[#gone + 1] = m
  leaveGate(m, meta)
  count(meta.t, state, 1)
  settled(m, meta, state, payload)
end

local function bury(m, meta)
  dropKey(m, meta)
  meta.bu, meta.s, meta.k, meta.y, meta.l, meta.u = (meta.bu or 0) + 1, "buried", nil, nil, nil, nil
  count(meta.t, "buries", 1)
  place(m, meta)
  leaveGate(m, meta)
  settled(m, meta, "buried", meta.w or "")
end

-- A job that was reserved comes back, or is given up.
local function giveBack(m, meta, delay)
  if meta.m > 0 and meta.a >= meta.m then
    meta.w = meta.w or "Given up after " .. string.format("%.0f", meta.a) .. " attempts"
    givenUp[#givenUp + 1] = {m, meta.w}
    return bury(m, meta)
  end
  meta.d, meta.y, meta.l, meta.u = delay, nil, nil, nil
  if delay > 0 then meta.y = now + delay end
  meta.s = delay > 0 and "delayed" or "ready"
  place(m, meta)
  leaveGate(m, meta)
end

local function due(key)
  local list = call("ZRANGEBYSCORE", P .. key, "-inf", now, "LIMIT", 0, 1000)
  load(list)
  return list
end

for _, m in ipairs(due("expiries")) do
  local meta = metaOf(m)
  if meta then
    finish(m, meta, "expired", "")
    expired[#expired + 1] = m
  else
    zrem("expiries", m)
  end
end
for _, m in ipairs(due("leases")) do
  local meta = metaOf(m)
  if meta then
    pull(m, meta)
    meta.to = (meta.to or 0) + 1
    count(meta.t, "timeouts", 1)
    giveBack(m, meta, 0)
  else
    zrem("leases", m)
  end
end
for _, m in ipairs(due("delays")) do
  local meta = metaOf(m)
  if meta then
    pull(m, meta)
    meta.s, meta.y = "ready", nil
    place(m, meta)
  else
    zrem("delays", m)
  end
end
for _, tube in ipairs(call("ZRANGEBYSCORE", P .. "pauses", "-inf", now)) do
  call("ZREM", P .. "pauses", tube)
  touched[tube], readied[tube] = true, true
end
settle()
`;

// How jobs are looked at and given out.
const GIVING = `
local leaseNumber

local function show(m, meta)
  outIds[#outIds + 1] = m
  outMetas[#outMetas + 1] = cjson.encode(meta)
end

local function grant(m, meta)
  leaseNumber = leaseNumber or call("INCR", P .. "lease")
  meta.s, meta.a, meta.l, meta.u, meta.y = "reserved", meta.a + 1, leaseNumber, now + meta.r, nil
  if meta.e then
    zrem("expiries", m)
    meta.e = nil
  end
  place(m, meta)
  count(meta.t, "reserves", 1)
  show(m, meta)
end

-- Whether a job passes its gate; otherwise it is parked before it.
local function passes(m, meta)
  if not meta.q or call("HSETNX", P .. "gates", gateOf(meta), m) == 1 then return true end
  zadd("parked:" .. gateOf(meta), meta.p, m)
  return false
end

local function firstOf(tubes, max)
  local found = {}
  for _, tube in ipairs(tubes) do
    local flat = call("ZRANGE", P .. "ready:" .. tube, 0, max - 1, "WITHSCORES")
    for i = 1, #flat, 2 do found[#found + 1] = {flat[i], tonumber(flat[i + 1])} end
  end
  if #tubes > 1 then
    table.sort(found, function(a, b)
      if a[2] ~= b[2] then return a[2] < b[2] end
      return a[1] < b[1]
    end)
  end
  return found
end

local function reserve(tubes, max)
  local open, granted = {}, 0
  for _, tube in ipairs(tubes) do
    if not call("ZSCORE", P .. "pauses", tube) then open[#open + 1] = tube end
  end
  while granted < max do
    settle()
    local found, list = firstOf(open, max - granted), {}
    if #found == 0 then break end
    for i = 1, math.min(#found, max - granted) do list[i] = found[i][1] end
    load(list)
    for _, m in ipairs(list) do
      local meta = metaOf(m)
      zrem("ready:" .. meta.t, m)
      if passes(m, meta) then
        enter(meta, -1)
        grant(m, meta)
        granted = granted + 1
      end
    end
  end
  return granted
end

local function look(m)
  local meta = metaOf(m)
  if not meta then return 0 end
  show(m, meta)
  return 1
end

local RANKED = 20000

local function list(tube, state, limit, after)
  settle()
  local key = P .. (state == "reserved" and "leases" or state .. ":" .. tube)
  local first, final = call("ZRANGE", key, 0, 0, "WITHSCORES"), call("ZRANGE", key, -1, -1, "WITHSCORES")
  local ids
  if state ~= "reserved" and first[2] == final[2] then
    ids = call("ZRANGEBYLEX", key, "(" .. after, "+", "LIMIT", 0, limit)
  else
    ids = call("ZRANGE", key, 0, RANKED - 1)
    table.sort(ids)
  end
  local shown = 0
  for _, m in ipairs(ids) do
    if shown >= limit then break end
    local meta = m > after and metaOf(m)
    if meta and meta.t == tube then
      show(m, meta)
      shown = shown + 1
    end
  end
  return shown
end

local function kick(m, meta)
  pull(m, meta)
  meta.ki, meta.s, meta.y = (meta.ki or 0) + 1, "ready", nil
  if meta.m > 0 then meta.a = 0 end
  place(m, meta)
  count(meta.t, "kicks", 1)
  kicked[#kicked + 1] = m
end
`;

const VERBS = `
local function held(op)
  local meta = metaOf(op[2])
  return meta and meta.s == "reserved" and meta.l == op[3] and meta
end

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
  local result = op[4] >= 0 and nextBytes(op[4])
  local meta = held(op)
  if not meta then return false end
  finish(op[2], meta, "completed", result and "=" .. result or "")
  return true
end
function verbs.release(op)
  local meta = held(op)
  if not meta then return false end
  pull(op[2], meta)
  meta.p, meta.re = op[4], (meta.re or 0) + 1
  if op[6] then meta.w = op[6] end
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
  bury(op[2], meta)
  return true
end
function verbs.touch(op)
  local meta = held(op)
  if not meta then return false end
  meta.u = now + meta.r
  zadd("leases", meta.u, op[2])
  dirty[op[2]] = meta
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
for i, m in ipairs(outIds) do
  outBodies[i] = outBodies[i] or call("HGET", P .. "bodies", m) or ""
  lengths[i] = #outBodies[i]
end
`;

/**
 * Gives jobs out, takes them back and looks at them. It runs even when the memory of Redis is full,
 * so that a full queue can be worked off.
 */
export const WORK_SCRIPT: RedisScript = new RedisScript(
  `#!lua flags=allow-oom\n${FRAME_HEAD}${MOVES}${GIVING}${VERBS}${RUN}${FRAME_TAIL}`,
);
