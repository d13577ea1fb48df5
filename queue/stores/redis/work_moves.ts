/** How jobs leave a state, and what is due. */
export const MOVES = `
local hasObservers = call("EXISTS", P .. "observed") == 1

local function announce(kind, m, state, payload)
  call("PUBLISH", P .. "news", kind .. owner .. "\\n" .. m .. "\\n" .. state .. "\\n" .. payload)
end

local function settled(m, meta, state, payload)
  if state ~= "buried" and meta.o and meta.o > 0 then
    call("SET", P .. "outcome:" .. m, state .. "\\n" .. payload, "PX", format("%.0f", meta.o))
  end
  if hasObservers and call("ZREM", P .. "observed", m) == 1 then announce("S", m, state, payload) end
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
  if not plain[m] then goneMetas[#goneMetas + 1] = m end
  metas[m], raws[m], dirty[m] = false, nil, nil
  gone[#gone + 1] = m
  leaveGate(m, meta)
  count(meta.t, state, 1)
  settled(m, meta, state, payload)
end

-- The kinds are those of the list in job_event.ts, counted from 0.
local RELEASED, TIMED_OUT, BURIED, KICKED, MAX_EVENTS = 0, 1, 3, 4, 8
local function note(meta, kind, reason)
  local history = meta.h or {}
  history[#history + 1] = {kind, math.floor(now), meta.a, reason or nil}
  if #history > MAX_EVENTS then table.remove(history, 1) end
  meta.h = history
end

-- Puts a job where it has come to, and has its record written.
local function move(m, meta)
  place(m, meta)
  dirty[m] = true
end

local function bury(m, meta)
  dropKey(m, meta)
  meta.bu, meta.s, meta.k, meta.y, meta.l = (meta.bu or 0) + 1, "buried", nil, nil, nil
  count(meta.t, "buries", 1)
  move(m, meta)
  leaveGate(m, meta)
  settled(m, meta, "buried", meta.w or "")
end

-- A job that was reserved comes back, or is given up.
local function giveBack(m, meta, delay)
  if meta.m > 0 and meta.a >= meta.m then
    local fate = "Given up after " .. format("%.0f", meta.a) .. " attempts"
    meta.w = meta.w or fate
    note(meta, BURIED, fate)
    givenUp[#givenUp + 1] = {m, meta.w}
    return bury(m, meta)
  end
  meta.d, meta.y, meta.l = delay, nil, nil
  if delay > 0 then meta.y = now + delay end
  meta.s = delay > 0 and "delayed" or "ready"
  move(m, meta)
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
    note(meta, TIMED_OUT)
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
    move(m, meta)
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
