"""What a reliable queue asks of the server in one piece: Lua scripts, each all or nothing.

A queue has three keys. Redis runs a script without any other command in between, and writes what it changed into its
append-only file as one MULTI ... EXEC, so neither another client nor a dying server sees half of a move.

======  ==========================  =========================================================================
KEYS    name                        what it holds
======  ==========================  =========================================================================
1       ``queue:{name}``            a stream: what waits, and what was given out and is not acknowledged yet
2       ``queue:{name}:later``      a sorted set: messages, by the server's millisecond at which they are due
3       ``queue:{name}:dead``       a stream: dead letters, each with its reason
======  ==========================  =========================================================================

An entry's fields are, in this order, id and body, and if it has failed before tries (deliveries before it came into the
stream this time) and why (what the last failure said). Acknowledged entries are deleted, so the length of the stream is
what is still owed.
"""

NOW = """
local told = redis.call('TIME')
local now = told[1] * 1000 + math.floor(told[2] / 1000)
"""

# ARGV: most or 0, delay in ms, then id and body of each. All of them, or none: returns how much room there was.
PUT = NOW + """
local most, delay = tonumber(ARGV[1]), tonumber(ARGV[2])
local count = (#ARGV - 2) / 2
if most > 0 then
  local room = most - redis.call('XLEN', KEYS[1]) - redis.call('ZCARD', KEYS[2])
  if room < count then return room end
end
for i = 3, #ARGV, 2 do
  if delay > 0 then
    redis.call('ZADD', KEYS[2], now + delay, cjson.encode({ARGV[i], ARGV[i + 1], 0, ''}))
  else
    redis.call('XADD', KEYS[1], '*', 'id', ARGV[i], 'body', ARGV[i + 1])
  end
end
return -1
"""

BURY = """
local function bury(entry, id, body, tries, why)
  redis.call('XADD', KEYS[3], '*', 'id', id, 'body', body, 'tries', tries, 'why', why)
  redis.call('XACK', KEYS[1], 'workers', entry)
  redis.call('XDEL', KEYS[1], entry)
end
"""

# ARGV: consumer, how many at most, idle in ms, deliveries at most. What is due joins the stream; what a silent worker
# holds is taken over, or buried; then comes what waits. XAUTOCLAIM would do the middle part by itself, but does not
# tell how often it gave a message out. Returns what was taken, {entry, fields, deliveries}, and in how many ms
# a delayed message is due (-1: there is none).
TAKE = NOW + BURY + """
local consumer, count, idle, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
for _, text in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 1000)) do
  local m = cjson.decode(text)
  redis.call('XADD', KEYS[1], '*', 'id', m[1], 'body', m[2], 'tries', m[3], 'why', m[4])
  redis.call('ZREM', KEYS[2], text)
end
local taken = {}
for _, held in ipairs(redis.call('XPENDING', KEYS[1], 'workers', 'IDLE', idle, '-', '+', count)) do
  local entry, found = held[1], redis.call('XRANGE', KEYS[1], held[1], held[1])[1]
  if found then
    local f = found[2]
    local tries, why = (f[6] or 0) + held[4], f[8] or ''
    if tries >= most then
      if why ~= '' then why = '; before that: ' .. why end
      bury(entry, f[2], f[4], tries, 'given out ' .. tries .. ' times, and no worker finished it' .. why)
    else
      redis.call('XCLAIM', KEYS[1], 'workers', consumer, 0, entry)
      taken[#taken + 1] = {entry, f, tries + 1}
    end
  else
    redis.call('XACK', KEYS[1], 'workers', entry)
  end
end
if #taken < count then
  local new = redis.call('XREADGROUP', 'GROUP', 'workers', consumer, 'COUNT', count - #taken, 'STREAMS', KEYS[1], '>')
  if new then
    for _, one in ipairs(new[1][2]) do taken[#taken + 1] = {one[1], one[2], (one[2][6] or 0) + 1} end
  end
end
local next = -1
if #taken == 0 then
  local due = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
  if due[2] then next = math.max(0, due[2] - now) end
end
return {taken, next}
"""

# ARGV: entries. Acknowledged and deleted at once: what is in the stream and owed by nobody would count for ever.
ACKNOWLEDGE = """
local count = redis.call('XACK', KEYS[1], 'workers', unpack(ARGV))
redis.call('XDEL', KEYS[1], unpack(ARGV))
return count
"""

# ARGV: consumer, entry, id, body, tries, why, deliveries at most, delay in ms. Only for who still holds it.
RETRY = NOW + BURY + """
local consumer, entry, id, body, tries, why = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
if #redis.call('XPENDING', KEYS[1], 'workers', entry, entry, 1, consumer) == 0 then return 'not yours' end
if tries >= tonumber(ARGV[7]) then
  bury(entry, id, body, tries, why)
  return 'dead'
end
redis.call('XACK', KEYS[1], 'workers', entry)
redis.call('XDEL', KEYS[1], entry)
redis.call('ZADD', KEYS[2], now + ARGV[8], cjson.encode({id, body, tries, why}))
return 'later'
"""

# ARGV: entries of the stream of dead letters; their tries begin again at 0.
REPLAY = """
local count = 0
for _, entry in ipairs(ARGV) do
  local found = redis.call('XRANGE', KEYS[3], entry, entry)[1]
  if found then
    local f = found[2]
    redis.call('XADD', KEYS[1], '*', 'id', f[2], 'body', f[4], 'tries', 0, 'why', f[8] or '')
    redis.call('XDEL', KEYS[3], entry)
    count = count + 1
  end
end
return count
"""
