/** How jobs are looked at and given out. */
export const GIVING = `
local leaseNumber

local function show(m, meta)
  outIds[#outIds + 1] = m
  raws[m] = raws[m] or cjson.encode(meta)
  outMetas[#outMetas + 1] = raws[m]
end

local function nextLease()
  leaseNumber = leaseNumber or call("INCR", P .. "lease")
  return leaseNumber
end

local function grant(m, meta)
  meta.s, meta.a, meta.l, meta.u, meta.y = "reserved", meta.a + 1, nextLease(), now + meta.r, nil
  if meta.e then
    zrem("expiries", m)
    meta.e = nil
  end
  place(m, meta)
  count(meta.t, "reserves", 1)
  show(m, meta)
end

-- The same for a record as it was pushed, when it has no gate and no time to live: its text gets
-- another state, and is not decoded.
local AS_PUSHED = '^{"i":(%d+),"s":"ready",("t":"([^"\\\\]*)","p":(%d+),"c":%d+,"d":%d+,"r":(%d+),"a":)(%d+)(,.*)$'
local leaseTexts = {}

local function grantPlain(m)
  local raw = metas[m] == nil and raws[m]
  if not raw then return false end
  local id, middle, tube, priority, lasts, attempts, rest = raw:match(AS_PUSHED)
  if not id or rest:find('"q":', 1, true) then return false end
  local lease = leaseTexts[lasts]
  if not lease then
    local ends = string.format("%.3f", now + lasts)
    lease = {string.format(',"s":"reserved","l":%.0f,"u":', nextLease()) .. ends .. ",", ends}
    leaseTexts[lasts] = lease
  end
  raw = '{"i":' .. id .. lease[1] .. middle .. (attempts + 1) .. rest
  raws[m], dirty[m] = raw, true
  zadd("leases", lease[2], m)
  shift(tube, "ready", tonumber(priority), -1)
  count(tube, "reserved", 1)
  count(tube, "reserves", 1)
  outIds[#outIds + 1] = m
  outMetas[#outMetas + 1] = raw
  return true
end

-- Whether a job passes its gate; otherwise it is parked before it.
local function passes(m, meta)
  if not meta.q or call("HSETNX", P .. "gates", gateOf(meta), m) == 1 then return true end
  zadd("parked:" .. gateOf(meta), meta.p, m)
  return false
end

local function everySecond(flat)
  local list = {}
  for i = 1, #flat, 2 do list[#list + 1] = flat[i] end
  return list
end

-- Takes the most urgent jobs out of the ready ones.
local function takeFirst(tubes, max)
  if #tubes == 1 then return everySecond(call("ZPOPMIN", P .. "ready:" .. tubes[1], max)) end
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

local function reserve(tubes, max)
  local open, granted = {}, 0
  for _, tube in ipairs(tubes) do
    if not call("ZSCORE", P .. "pauses", tube) then open[#open + 1] = tube end
  end
  while granted < max and #open > 0 do
    settle()
    local list = takeFirst(open, max - granted)
    if #list == 0 then break end
    load(list)
    for _, m in ipairs(list) do
      if grantPlain(m) then
        granted = granted + 1
      else
        local meta = metaOf(m)
        if meta and passes(m, meta) then
          enter(meta, -1)
          grant(m, meta)
          granted = granted + 1
        end
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
  note(meta, KICKED)
  meta.ki, meta.s, meta.y = (meta.ki or 0) + 1, "ready", nil
  if meta.m > 0 then meta.a = 0 end
  place(m, meta)
  count(meta.t, "kicks", 1)
  kicked[#kicked + 1] = m
end
`;
