/** How the scripts of the store put jobs into the sets of their states, and take them out. */
export const SETS = `
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
    zadd("leases", now + meta.r, m)
    hold(m, format("%.0f %.3f", meta.l, meta.r))
  else
    zadd("buried:" .. meta.t, call("INCR", P .. "burials"), m)
  end
  enter(meta, 1)
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
    hold(m, false)
  else
    zrem("buried:" .. meta.t, m)
  end
  enter(meta, -1)
end
`;
