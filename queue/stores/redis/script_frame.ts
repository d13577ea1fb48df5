/**
 * What the scripts of the store have in common. A batch of operations is one call: it reads the
 * records it needs at once, works on them in memory, and writes what it has changed at once.
 *
 * Keys: `jobs` and `bodies` by number; `ready:TUBE` by priority, `delayed:TUBE` by time,
 * `buried:TUBE` by turn; over all tubes `delays`, `leases`, `expiries` and `pauses` by time;
 * `keys`, and `gates` with what is `parked:` behind them; `tube:TUBE` and `totals` count.
 */
export const FRAME_HEAD = `
local P, owner, seq, now = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local ops, blob, maxJobs = cjson.decode(ARGV[4]), ARGV[5], tonumber(ARGV[6])
local call, blobAt = redis.call, 1
local outMetas, outBodies, outIds, lengths = {}, {}, {}, {}
local slot = P .. "owner:" .. owner

local function inChunks(list, run)
  for first = 1, #list, 1000 do run(unpack(list, first, math.min(first + 999, #list))) end
end

-- A batch whose answer was lost is sent again: it is done once, and answered twice.
local last = call("GET", slot)
if last then
  local done, header, ids = last:match("^(%d+)\\n([^\\n]*)\\n(.*)$")
  if done == seq then
    for id in ids:gmatch("%d+") do
      outMetas[#outMetas + 1] = call("HGET", P .. "jobs", id) or "null"
      outBodies[#outBodies + 1] = call("HGET", P .. "bodies", id) or ""
      lengths[#lengths + 1] = #outBodies[#outBodies]
    end
    return {
      header, cjson.encode(lengths), "[" .. table.concat(outMetas, ",") .. "]",
      table.concat(outBodies)
    }
  end
end

local function nextBytes(length)
  blobAt = blobAt + length
  return blob:sub(blobAt - length, blobAt - 1)
end

local metas, dirty, raws, gone, deltas, touched, readied = {}, {}, {}, {}, {}, {}, {}
local expired, givenUp, kicked, isAll = {}, {}, {}, false

-- Records are read as texts, and decoded only when that can't be helped.
local function load(list)
  local missing = {}
  for _, m in ipairs(list) do
    if metas[m] == nil and raws[m] == nil then
      missing[#missing + 1] = m
      metas[m] = false
    end
  end
  inChunks(missing, function(...)
    local found = call("HMGET", P .. "jobs", ...)
    for i, m in ipairs({...}) do
      if found[i] then metas[m], raws[m] = nil, found[i] end
    end
  end)
end

local function metaOf(m)
  if metas[m] == nil then
    if raws[m] == nil then load({m}) end
    if raws[m] then metas[m] = cjson.decode(raws[m]) end
  end
  return metas[m] or nil
end

local function count(tube, what, by)
  touched[tube] = true
  local own = deltas[tube]
  if not own then
    own = {}
    deltas[tube] = own
  end
  own[what] = (own[what] or 0) + by
end

local function shift(tube, state, priority, by)
  count(tube, state, by)
  if state == "ready" and priority < 1024 then count(tube, "urgent", by) end
end

local function enter(meta, by) shift(meta.t, meta.s, meta.p, by) end

-- What changes the sets waits until it is enough, or until somebody has to read them.
local adds, removals = {}, {}

local function settle()
  local from, to = removals, adds
  removals, adds = {}, {}
  for key, list in pairs(from) do inChunks(list, function(...) call("ZREM", P .. key, ...) end) end
  for key, list in pairs(to) do inChunks(list, function(...) call("ZADD", P .. key, ...) end) end
end

local function zadd(key, score, m)
  local list = adds[key]
  if not list then
    list = {}
    adds[key] = list
  end
  list[#list + 1] = score
  list[#list + 1] = m
end

local function zrem(key, m)
  if adds[key] then settle() end
  local list = removals[key]
  if not list then
    list = {}
    removals[key] = list
  end
  list[#list + 1] = m
end

local function makeReady(tube, priority, m)
  zadd("ready:" .. tube, priority, m)
  readied[tube] = true
end

local function place(m, meta)
  if meta.s == "ready" then
    makeReady(meta.t, meta.p, m)
  elseif meta.s == "delayed" then
    zadd("delayed:" .. meta.t, meta.y, m)
    zadd("delays", meta.y, m)
  elseif meta.s == "reserved" then
    zadd("leases", meta.u, m)
  else
    zadd("buried:" .. meta.t, call("INCR", P .. "burials"), m)
  end
  enter(meta, 1)
  dirty[m], raws[m] = true, nil
end

local function gateOf(meta) return meta.t .. "\\0" .. meta.q end

local function pull(m, meta)
  if meta.s == "ready" then
    zrem("ready:" .. meta.t, m)
    if meta.q then zrem("parked:" .. gateOf(meta), m) end
  elseif meta.s == "delayed" then
    zrem("delayed:" .. meta.t, m)
    zrem("delays", m)
  elseif meta.s == "reserved" then
    zrem("leases", m)
  else
    zrem("buried:" .. meta.t, m)
  end
  enter(meta, -1)
end
`;

/** Writes what has changed, remembers the answer, tells the other owners, and answers. */
export const FRAME_TAIL = `
settle()
local fields = {}
for m in pairs(dirty) do
  fields[#fields + 1] = m
  fields[#fields + 1] = raws[m] or cjson.encode(metas[m])
end
inChunks(fields, function(...) call("HSET", P .. "jobs", ...) end)
inChunks(gone, function(...)
  call("HDEL", P .. "jobs", ...)
  call("HDEL", P .. "bodies", ...)
end)

for tube, own in pairs(deltas) do
  call("SADD", P .. "tubes", tube)
  for what, by in pairs(own) do
    if by ~= 0 then
      call("HINCRBY", P .. "tube:" .. tube, what, by)
      call("HINCRBY", P .. "totals", what, by)
    end
  end
end

local isNews, counts = next(touched) ~= nil, {}
if isAll then
  for _, tube in ipairs(call("SMEMBERS", P .. "tubes")) do touched[tube] = true end
end
for tube in pairs(touched) do
  local flat, own, size = call("HGETALL", P .. "tube:" .. tube), {}, 0
  for i = 1, #flat, 2 do
    own[flat[i]] = flat[i] == "pauseMs" and flat[i + 1] or tonumber(flat[i + 1])
  end
  for _, state in ipairs({"ready", "delayed", "reserved", "buried"}) do
    size = size + (own[state] or 0)
  end
  local pause = call("ZSCORE", P .. "pauses", tube)
  if pause then own.pausedUntil = pause end
  if size == 0 and not pause then
    call("DEL", P .. "tube:" .. tube)
    call("SREM", P .. "tubes", tube)
    counts[tube] = false
  else
    counts[tube] = own
  end
end
local totals = {}
if isNews or isAll then
  local flat = call("HGETALL", P .. "totals")
  for i = 1, #flat, 2 do totals[flat[i]] = tonumber(flat[i + 1]) end
end
if isNews then
  local tubes = {}
  for tube in pairs(readied) do tubes[#tubes + 1] = tube end
  call("PUBLISH", P .. "news", "N" .. owner .. "\\n" .. cjson.encode(tubes))
end

local soonest = 0
for _, key in ipairs({"delays", "leases", "expiries", "pauses"}) do
  local first = call("ZRANGE", P .. key, 0, 0, "WITHSCORES")
  local at = tonumber(first[2])
  if at and at < math.huge and (soonest == 0 or at < soonest) then soonest = at end
end

local header = cjson.encode({
  r = results, t = counts, g = totals, n = soonest, x = expired, b = givenUp, k = kicked, a = isAll,
  j = call("HLEN", P .. "jobs")
})
call("SET", slot, seq .. "\\n" .. header .. "\\n" .. table.concat(outIds, ","), "PX", 3600000)
return {
  header, cjson.encode(lengths), "[" .. table.concat(outMetas, ",") .. "]", table.concat(outBodies)
}
`;
