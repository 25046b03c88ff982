-- The rule of memory.py and shared.py, performed inside Redis: the same operations, verdicts and names.
--
-- KEYS[1] holds what is known of the IP address, the others hold the counts of one endpoint in one minute each.
-- ARGV[1] is a JSON list of operations; their `keys` are indexes into KEYS. redis.py puts the constants before this text.
-- Returns one string of words: the verdict on the last operation with its two values, then `used` and `reported` of each
-- key of counts.

local seconds, microseconds = unpack(redis.call('TIME'))
local now = seconds + microseconds / 1000000
local forever = 1e300

local function read(key, ...)
  local found = {key = key}
  local values = redis.call('HMGET', key, ...)
  for position, name in ipairs({...}) do
    found[name] = tonumber(values[position] or 0)
  end
  return found
end

local function write(found, expiry, ...)
  local values = {}
  for _, name in ipairs({...}) do
    table.insert(values, name)
    table.insert(values, string.format('%.17g', found[name]))
  end
  redis.call('HSET', found.key, unpack(values))
  redis.call('EXPIRE', found.key, expiry)
end

local address = read(KEYS[1], 'until', 'ban', 'offset', 'learned_at')
local counts = {}
for index = 2, #KEYS do
  counts[index] = read(KEYS[index], 'used', 'reported')
end

local function is_blocked(at)
  return at < address['until'] and address['until'] <= at + LONGEST_BLOCK
end

local function known_time()
  local age = now - address.learned_at
  if 0 <= age and age < TIME_IS_KNOWN_FOR then
    return now + address.offset - DRIFT * age
  end
end

local perform = {}

function perform.reserve(operation)
  local known = known_time()
  if known and (operation.latest == forever or known > operation.latest + SUSPENDED) then
    return 'wrong_time', known, 0
  end
  if is_blocked(operation.earliest) then
    return 'blocked', address['until'], address.ban
  end
  for _, index in ipairs(operation.keys) do
    if operation.limit and counts[index].used + operation.weight > operation.limit then
      return 'full', known or 0, 0
    end
  end
  for _, index in ipairs(operation.keys) do
    counts[index].used = counts[index].used + operation.weight
    counts[index].is_changed = true
  end
end

function perform.release(operation)
  for _, index in ipairs(operation.keys) do
    counts[index].used = math.max(counts[index].reported, counts[index].used - operation.weight)
    counts[index].is_changed = true
  end
end

function perform.reconcile(operation)
  local known = known_time()
  if operation.latest < forever and not (known and operation.earliest <= known and known <= operation.latest) then
    address.offset, address.learned_at, address.is_changed = operation.earliest - now, now, true
  end
  local count = counts[operation.keys[1]]
  count.used, count.reported = math.max(count.used, operation.used), math.max(count.reported, operation.used)
  count.is_changed = true
end

function perform.block(operation)
  if not is_blocked(operation.now) then
    address['until'], address.ban = 0, 0
  end
  address['until'] = math.max(address['until'], operation['until'])
  address.ban = operation.ban and 1 or address.ban
  address.is_changed = true
end

local verdict, first, second
for _, operation in ipairs(cjson.decode(ARGV[1])) do
  verdict, first, second = perform[operation.name](operation)
end

local reply = {string.format('%s %.6f %d', verdict or 'done', first or 0, second or 0)}
if address.is_changed then
  write(address, LONGEST_BLOCK, 'until', 'ban', 'offset', 'learned_at')
end
for index = 2, #KEYS do
  if counts[index].is_changed then
    write(counts[index], 180, 'used', 'reported')
  end
  table.insert(reply, string.format('%d %d', counts[index].used, counts[index].reported))
end
return table.concat(reply, ' ')
