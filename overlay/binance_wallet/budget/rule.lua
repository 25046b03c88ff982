-- The rule of rule.py and shared.py, performed inside Redis: the same operations, verdicts and names.
--
-- KEYS[1] holds what is known of the IP address, the others hold the usage of one minute each: by counter, the text
-- "USED REPORTED". ARGV[1] holds the counter, these minutes, and the operations, in MessagePack. redis.py puts the
-- constants before this text.
-- Returns, in MessagePack, the verdict on the last operation, its two values, and by minute the usage that it is about:
-- counter, used and reported of each.

local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000

local known = redis.call('HMGET', KEYS[1], 'until', 'ban', 'offset', 'learned_at')
for position = 1, #known do
  known[position] = tonumber(known[position] or 0)
end
local blocked_until, ban, offset, learned_at = unpack(known)

local function parsed(usage)
  local used, reported = string.match(usage, '^(%S+) (%S+)$')
  return tonumber(used), tonumber(reported)
end

local counter, minutes, operations = unpack(cmsgpack.unpack(ARGV[1]))
local used, reported = {}, {}
for position, minute in ipairs(minutes) do
  used[minute], reported[minute] = parsed(redis.call('HGET', KEYS[1 + position], counter) or '0 0')
end

local function known_time()
  local age = now - learned_at
  if 0 <= age and age < TIME_TTL then
    return now + offset - DRIFT * age
  end
end

local function is_blocked(at)
  return at < blocked_until and blocked_until <= at + LONGEST_BLOCK
end

local function has_room(operation)
  for _, minute in ipairs(operation.minutes) do
    if operation.limit and used[minute] + operation.weight > operation.limit then
      return false
    end
  end
  return true
end

local function release(operation, kept)
  for _, minute in ipairs(operation.minutes) do
    if minute ~= kept then
      used[minute] = math.max(reported[minute], used[minute] - operation.weight)
    end
  end
end

local function confirm(operation)
  local arrived, was_reserved = operation.arrived, false
  for _, minute in ipairs(operation.minutes) do
    was_reserved = was_reserved or minute == arrived
  end
  if not was_reserved then
    used[arrived] = used[arrived] + operation.weight
  end
  if operation.used then
    release(operation, arrived)
    used[arrived] = math.max(used[arrived], operation.used)
    reported[arrived] = math.max(reported[arrived], operation.used)
  end
end

local verdict, first, second
local is_address_changed, is_usage_changed = false, false
for _, operation in ipairs(operations) do
  verdict, first, second = 'Done', 0, false
  local is_reserve, is_read = operation.name == 'Reserve', operation.name == 'Read'
  if is_reserve or is_read then
    local known = known_time()
    if known and (operation.latest == math.huge or known > operation.latest + SUSPEND_TOLERANCE) then
      verdict, first = 'WrongTime', known
    elseif is_blocked(operation.earliest) then
      verdict, first, second = 'Blocked', blocked_until, ban == 1
    elseif is_reserve and not has_room(operation) then
      verdict, first = 'Full', known or 0
    elseif is_reserve then
      for _, minute in ipairs(operation.minutes) do
        used[minute] = used[minute] + operation.weight
      end
      is_usage_changed = true
    end
  elseif operation.name == 'Release' then
    release(operation)
    is_usage_changed = true
  elseif operation.name == 'Confirm' then
    local known = known_time()
    if operation.latest < math.huge and not (known and operation.earliest <= known and known <= operation.latest) then
      offset, learned_at, is_address_changed = operation.earliest - now, now, true
    end
    confirm(operation)
    is_usage_changed = true
  elseif operation.name == 'Block' then
    if is_blocked(operation.now) then
      blocked_until, ban = math.max(blocked_until, operation['until']), operation.ban and 1 or ban
    else
      blocked_until, ban = operation['until'], operation.ban and 1 or 0
    end
    is_address_changed = true
  end
end

if is_address_changed then
  redis.call('HSET', KEYS[1], 'until', blocked_until, 'ban', ban, 'offset', offset, 'learned_at', learned_at)
  redis.call('EXPIRE', KEYS[1], LONGEST_BLOCK)
end
local usage = {}
for position, minute in ipairs(minutes) do
  local key = KEYS[1 + position]
  if is_usage_changed then
    redis.call('HSET', key, counter, used[minute] .. ' ' .. reported[minute])
    redis.call('EXPIRE', key, 180)
  end
  usage[position] = {{counter, used[minute], reported[minute]}}
  if operations[#operations].name == 'Read' then
    usage[position] = {}
    local all = redis.call('HGETALL', key)
    for each = 1, #all, 2 do
      table.insert(usage[position], {all[each], parsed(all[each + 1])})
    end
  end
end
return cmsgpack.pack({verdict, first, second, usage})
