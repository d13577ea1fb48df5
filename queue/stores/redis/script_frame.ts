/** The number of the layout that the scripts work on. */
export const LAYOUT = 2;

/**
 * What the scripts of the store have in common. A batch of operations is one call: it reads the
 * records it needs at once, works on them in memory, and writes what it has changed at once.
 *
 * Keys: `jobs` by number: the record as it was pushed, a line feed, and the body. Of a job of
 * which there is more to tell, or to which something has happened, the line is empty and its
 * record is in `metas`. `held` has the lease of what is reserved, whatever its record says;
 * `ready:TUBE` by priority, `delayed:TUBE` by time, `buried:TUBE` by turn; over all tubes `delays`,
 * `leases`, `expiries` and `pauses` by time; `keys`, and `gates` with what is `parked:` behind them;
 * `tube:TUBE` and `totals` count; `layout` is the number of this layout.
 */
export const FRAME_HEAD = `
local P, owner, seq, now = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local ops, blob, maxJobs = cjson.decode(ARGV[4]), ARGV[5], tonumber(ARGV[6])
local call, blobAt, find, sub, format = redis.call, 1, string.find, string.sub, string.format
local told, outIds, outHeads, outBodies, outs, lengths = 0, {}, {}, {}, {}, {}
local slot = P .. "owner:" .. owner

-- The first layout had no number.
local layout = call("GET", P .. "layout") or call("EXISTS", P .. "id") == 1 and "1"
if layout and layout ~= "${LAYOUT}" then return {layout} end

local function inChunks(list, run)
  for first = 1, #list, 1000 do run(unpack(list, first, math.min(first + 999, #list))) end
end

local function nextBytes(length)
  blobAt = blobAt + length
  return sub(blob, blobAt - length, blobAt - 1)
end

local metas, raws, helds, plain, dirty = {}, {}, {}, {}, {}
local changedHelds, gone, goneMetas, deltas, touched, readied = {}, {}, {}, {}, {}, {}
local expired, givenUp, kicked, isAll, leaseNumber = {}, {}, {}, false, nil

-- Records with bodies.
local function loadRaws(list)
  local missing = {}
  for _, m in ipairs(list) do
    if raws[m] == nil then
      missing[#missing + 1] = m
      raws[m] = false
    end
  end
  inChunks(missing, function(...)
    local found = call("HMGET", P .. "jobs", ...)
    for i, m in ipairs({...}) do raws[m] = found[i] end
  end)
end

local function headOf(raw) return sub(raw, 1, find(raw, "\\n", 1, true) - 1) end

local function loadHelds(list)
  local missing = {}
  for _, m in ipairs(list) do
    if helds[m] == nil then missing[#missing + 1] = m end
  end
  inChunks(missing, function(...)
    local found = call("HMGET", P .. "held", ...)
    for i, m in ipairs({...}) do helds[m] = found[i] end
  end)
end

-- The lease of a job: its number, how long it lasts and, when its end concerns nothing else, the
-- tube of the job.
local readHelds = {}
local function heldOf(m)
  if helds[m] == nil then loadHelds({m}) end
  local text = helds[m]
  if not text then return nil end
  local held = readHelds[text]
  if not held then
    local lease, lasts, tube = text:match("^(%d+) ([%d.]+) ?(.*)$")
    held = {lease = tonumber(lease), lasts = tonumber(lasts), tube = tube ~= "" and tube}
    readHelds[text] = held
  end
  return held
end

local function hold(m, text)
  helds[m], changedHelds[m] = text, true
end

local function decode(m, text)
  local meta, held = cjson.decode(text), heldOf(m)
  meta.s = meta.s or "ready"
  if held then meta.s, meta.a, meta.l = "reserved", meta.a + 1, held.lease end
  metas[m] = meta
end

-- Records without bodies, which don't stay in memory.
local function load(list)
  local missing, without = {}, {}
  for _, m in ipairs(list) do
    if metas[m] == nil then
      missing[#missing + 1] = m
      metas[m] = false
    end
  end
  loadHelds(missing)
  inChunks(missing, function(...)
    local found = call("HMGET", P .. "metas", ...)
    for i, m in ipairs({...}) do
      if found[i] then decode(m, found[i]) else without[#without + 1] = m end
    end
  end)
  for _, m in ipairs(without) do
    local raw = raws[m] or call("HGET", P .. "jobs", m)
    if raw then
      plain[m] = true
      decode(m, headOf(raw))
    end
  end
end

local function metaOf(m)
  if metas[m] == nil then load({m}) end
  return metas[m] or nil
end

-- The record as it is stored: that a job is reserved is told by its lease alone.
local function textOf(meta)
  if meta.s ~= "reserved" then return cjson.encode(meta) end
  local lease = meta.l
  meta.s, meta.a, meta.l = "ready", meta.a - 1, nil
  local text = cjson.encode(meta)
  meta.s, meta.a, meta.l = "reserved", meta.a + 1, lease
  return text
end

local function tell(m, head, body)
  told = told + 1
  outIds[told], outHeads[told], outBodies[told] = m, head, body
end

local function show(m, meta)
  if meta.s == "reserved" then meta.u = tonumber(call("ZSCORE", P .. "leases", m)) end
  tell(m, cjson.encode(meta))
  meta.u = nil
end

-- Puts together what is told of jobs, as long as they are there.
local function collect()
  local list = {}
  for i in pairs(outHeads) do list[#list + 1] = outIds[i] end
  loadRaws(list)
  for i, head in pairs(outHeads) do
    local raw = raws[outIds[i]] or "\\n"
    outs[i] = head .. (outBodies[i] or sub(raw, (find(raw, "\\n", 1, true))))
    lengths[i] = #outs[i]
  end
end

local function answer(header)
  return {header, table.concat(outIds, ","), cjson.encode(lengths), table.concat(outs)}
end

-- A batch whose answer was lost is sent again: it is done once, and answered twice.
local last = call("GET", slot)
if last then
  local done, header, ids = last:match("^(%d+)\\n([^\\n]*)\\n(.*)$")
  if done == seq then
    for m in ids:gmatch("%d+") do
      local meta = metaOf(m)
      if meta then
        show(m, meta)
      else
        tell(m, "null")
      end
    end
    collect()
    return answer(header)
  end
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
`;

/** Writes what has changed, remembers the answer, tells the other owners, and answers. */
export const FRAME_TAIL = `
settle()
local fields = {}
for m in pairs(dirty) do
  if plain[m] then
    local raw = call("HGET", P .. "jobs", m)
    call("HSET", P .. "jobs", m, sub(raw, (find(raw, "\\n", 1, true))))
  end
  fields[#fields + 1] = m
  fields[#fields + 1] = metas[m] == nil and dirty[m] or textOf(metas[m])
end
inChunks(fields, function(...) call("HSET", P .. "metas", ...) end)
local holds, frees = {}, {}
for m in pairs(changedHelds) do
  local text = helds[m]
  if text then
    holds[#holds + 1] = m
    holds[#holds + 1] = text
  else
    frees[#frees + 1] = m
  end
end
inChunks(holds, function(...) call("HSET", P .. "held", ...) end)
inChunks(frees, function(...) call("HDEL", P .. "held", ...) end)
inChunks(gone, function(...) call("HDEL", P .. "jobs", ...) end)
inChunks(goneMetas, function(...) call("HDEL", P .. "metas", ...) end)

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
  j = call("HLEN", P .. "jobs"), l = leaseNumber
})
call("SET", slot, seq .. "\\n" .. header .. "\\n" .. table.concat(outIds, ","), "PX", 3600000)
return answer(header)
`;
