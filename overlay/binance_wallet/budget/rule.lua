-- The rule of memory.py and shared.py, performed inside Redis: the same operations, verdicts and names.
--
-- KEYS[1] holds what is known of the IP address, the others hold the counts of one endpoint in one minute each.
-- ARGV[1] is a JSON list of operations; their `keys` are indexes into KEYS.
-- ARGV[2] to ARGV[5]: the longest block, the drift of a clock, how long the time is known, and how far a clock is behind
-- at most that has not stood still, in seconds.
-- Returns the verdict on the last operation with its two values, then `used` and `reported` of each key of counts.

local address = KEYS[1]
local longest_block, drift, time_is_known_for, suspended = unpack(ARGV, 2)
local seconds, microseconds = unpack(redis.call('TIME'))
local now = seconds + microseconds / 1000000
local forever = 1e300

local function get(key, first, second)
  local values = redis.call('HMGET', key, first, second)
  return tonumber(values[1] or 0), tonumber(values[2] or 0)
end

local function set(key, expiry, first, a, second, b)
  redis.call('HSET', key, first, string.format('%.17g', a), second, string.format('%.17g', b))
  redis.call('EXPIRE', key, expiry)
end

local function set_count(key, used, reported)
  set(key, 180, 'used', used, 'reported', reported)
end

local function set_address(...)
  set(address, tonumber(longest_block), ...)
end

local function is_blocked(at)
  local block_until, ban = get(address, 'until', 'ban')
  return at < block_until and block_until <= at + longest_block, block_until, ban
end

local function known_time()
  local offset, learned_at = get(address, 'offset', 'learned_at')
  local age = now - learned_at
  if 0 <= age and age < tonumber(time_is_known_for) then
    return now + offset - drift * age
  end
end

local perform = {}

function perform.reserve(operation)
  local known = known_time()
  if known and (operation.latest == forever or known > operation.latest + suspended) then
    return 'wrong time', known, 0
  end
  local blocked, block_until, ban = is_blocked(operation.earliest)
  if blocked then
    return 'blocked', block_until, ban
  end
  for _, index in ipairs(operation.keys) do
    if operation.limit and get(KEYS[index], 'used', 'reported') + operation.weight > operation.limit then
      return 'full', known or 0, 0
    end
  end
  for _, index in ipairs(operation.keys) do
    local used, reported = get(KEYS[index], 'used', 'reported')
    set_count(KEYS[index], used + operation.weight, reported)
  end
end

function perform.release(operation)
  for _, index in ipairs(operation.keys) do
    local used, reported = get(KEYS[index], 'used', 'reported')
    set_count(KEYS[index], math.max(reported, used - operation.weight), reported)
  end
end

function perform.reconcile(operation)
  local known = known_time()
  if operation.latest < forever and not (known and operation.earliest <= known and known <= operation.latest) then
    set_address('offset', operation.earliest - now, 'learned_at', now)
  end
  local key = KEYS[operation.keys[1]]
  local used, reported = get(key, 'used', 'reported')
  set_count(key, math.max(used, operation.used), math.max(reported, operation.used))
end

function perform.block(operation)
  local blocked, block_until, ban = is_blocked(operation.now)
  if not blocked then
    block_until, ban = 0, 0
  end
  set_address('until', math.max(block_until, operation['until']), 'ban', operation.ban and 1 or ban)
end

local verdict, first, second
for _, operation in ipairs(cjson.decode(ARGV[1])) do
  verdict, first, second = perform[operation.name](operation)
end
local reply = {verdict or 'done', string.format('%.6f', first or 0), string.format('%.6f', second or 0)}
for index = 2, #KEYS do
  for _, value in ipairs({get(KEYS[index], 'used', 'reported')}) do
    reply[#reply + 1] = value
  end
end
return reply
