import { RedisScript } from "../../../redis/mod.ts";

// Web applications write a session without telling, so its version holds a digest of what is
// there besides the time of our last write. KEYS: session, time of our write, lock.
const VERSION = `
local function version()
  local bytes = redis.call("GET", KEYS[1])
  if not bytes then return "", "" end
  return (redis.call("GET", KEYS[2]) or "") .. ":" .. redis.sha1hex(bytes), bytes
end
`;

const UNLOCKED = `
if KEYS[3] ~= "" and redis.call("EXISTS", KEYS[3]) == 1 then return "LOCKED" end
`;

/** Gives the version, empty when there is no session, and the bytes. */
export const READ = new RedisScript(`${VERSION}return {version()}`);

/** ARGV: bytes, version that must be there, milliseconds to live or nothing. Gives the version. */
export const WRITE = new RedisScript(`${VERSION}${UNLOCKED}
if version() ~= ARGV[2] then return "" end
local time = redis.call("TIME")
local now = time[1] .. "." .. time[2]
if ARGV[3] == "" then
  redis.call("SET", KEYS[1], ARGV[1])
  redis.call("SET", KEYS[2], now)
else
  redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[3])
  redis.call("SET", KEYS[2], now, "PX", ARGV[3])
end
return now .. ":" .. redis.sha1hex(ARGV[1])
`);

/** ARGV: milliseconds to live or nothing. Gives whether there is a session. */
export const TOUCH = new RedisScript(`
local found = redis.call("EXISTS", KEYS[1])
for i = 1, 2 do
  if ARGV[1] == "" then redis.call("PERSIST", KEYS[i])
  else redis.call("PEXPIRE", KEYS[i], ARGV[1]) end
end
return found
`);

/** ARGV: version that must be there, or nothing for any. Gives whether it was there. */
export const DELETE = new RedisScript(`${VERSION}${UNLOCKED}
local current = version()
if current == "" or (ARGV[1] ~= "" and ARGV[1] ~= current) then return 0 end
redis.call("DEL", KEYS[1], KEYS[2])
return 1
`);
