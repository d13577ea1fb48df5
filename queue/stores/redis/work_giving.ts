/**
 * After so many bytes of bodies one call gives out no more, and it looks after so many jobs, so that
 * those with large bodies don't fill the memory of Redis.
 */
const MAX_GIVEN_BYTES = 4_194_304;
const STEP = 100;

/** How jobs are looked at and given out. */
export const GIVING = `
local function nextLease()
  leaseNumber = leaseNumber or call("INCR", P .. "lease")
  return leaseNumber
end

local function grant(m, meta)
  if meta.s ~= "ready" or meta.e then dirty[m] = true end
  if meta.e then zrem("expiries", m) end
  meta.s, meta.a, meta.l, meta.e, meta.y = "reserved", meta.a + 1, nextLease(), nil, nil
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

-- Takes the most urgent jobs out of the ready ones.
local function takeFirst(tubes, max)
  if #tubes == 1 then
    local list = call("ZRANGE", P .. "ready:" .. tubes[1], 0, max - 1)
    if #list > 0 then call("ZREMRANGEBYRANK", P .. "ready:" .. tubes[1], 0, #list - 1) end
    return list
  end
  local found, list = {}, {}
  for _, tube in ipairs(tubes) do
    local flat = call("ZRANGE", P .. "ready:" .. tube, 0, max - 1, "WITHSCORES")
    for i = 1, #flat, 2 do found[#found + 1] = {flat[i], tonumber(flat[i + 1]), tube} end
  end
  table.sort(found, function(a, b)
    if a[2] ~= b[2] then return a[2] < b[2] end
    return a[1] < b[1]
  end)
  for i = 1, math.min(#found, max) do
    list[i] = found[i][1]
    zrem("ready:" .. found[i][3], list[i])
  end
  return list
end

-- The leases of jobs that are as they were pushed, by their records. No operation that comes with
-- reservations in one batch is about such a job, so nothing else is remembered of them.
local kinds, leases, holds, given = {}, {}, {}, 0

local function kindOf(head)
  local meta = cjson.decode(head)
  local kind = {
    tube = meta.t, priority = meta.p, count = 0, ends = format("%.3f", now + meta.r),
    held = format("%.0f %.3f ", nextLease(), meta.r) .. meta.t
  }
  kinds[head] = kind
  return kind
end

-- Gives jobs out; those that are as they were pushed without reading their records.
local function giveAll(...)
  local list, found, granted, size = {...}, call("HMGET", P .. "jobs", ...), 0, #leases
  for i = 1, #list do
    local m, raw = list[i], found[i]
    if raw then given = given + #raw end
    local stop = raw and metas[m] == nil and find(raw, "\\n", 1, true) or 1
    if stop > 1 then
      local head = sub(raw, 1, stop - 1)
      local kind = kinds[head] or kindOf(head)
      kind.count, told, granted = kind.count + 1, told + 1, granted + 1
      leases[size + 1], leases[size + 2] = kind.ends, m
      holds[size + 1], holds[size + 2] = m, kind.held
      outIds[told], outs[told], lengths[told] = m, raw, #raw
      size = size + 2
    else
      local meta = metaOf(m)
      raws[m] = raw
      if meta and passes(m, meta) then
        enter(meta, -1)
        grant(m, meta)
        granted = granted + 1
      end
    end
  end
  return granted
end

local function writeLeases()
  for _, kind in pairs(kinds) do
    shift(kind.tube, "ready", kind.priority, -kind.count)
    count(kind.tube, "reserved", kind.count)
    count(kind.tube, "reserves", kind.count)
  end
  inChunks(leases, function(...) call("ZADD", P .. "leases", ...) end)
  inChunks(holds, function(...) call("HSET", P .. "held", ...) end)
  kinds, leases, holds = {}, {}, {}
end

local function reserve(tubes, max)
  local open, granted = {}, 0
  for _, tube in ipairs(tubes) do
    if not call("ZSCORE", P .. "pauses", tube) then open[#open + 1] = tube end
  end
  while granted < max and #open > 0 and given < ${MAX_GIVEN_BYTES} do
    settle()
    local list = takeFirst(open, math.min(max - granted, ${STEP}))
    if #list == 0 then break end
    granted = granted + giveAll(unpack(list))
  end
  writeLeases()
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
  note(meta, KICKED)
  meta.ki, meta.s, meta.y = (meta.ki or 0) + 1, "ready", nil
  if meta.m > 0 then meta.a = 0 end
  move(m, meta)
  count(meta.t, "kicks", 1)
  kicked[#kicked + 1] = m
end
`;
