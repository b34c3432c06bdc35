import type { Redis } from "ioredis";

import type { PoolHealth } from "../ports/transport.ts";
import { keyPrefix, queueName, type RedisSettings } from "./redis-settings.ts";

/** A process that has not been heard of for so long has no places any more. */
const silentS = 4;
/** Another process may lead when the leader has been silent for so long. */
const leaderMs = 1_800;
/** So far the count jumps when it has to begin anew: farther than any process can have seen. */
const generationStep = 1_000_000;

/**
 * One round trip that answers everything at once: whether Redis lost its data, who leads, how full the queues are. The
 * canary counts up with every beat of the leader. Gone, or smaller than somebody has seen it: what was in Redis is not
 * there any more.
 */
const script = `
local generation, leader = KEYS[1], KEYS[2]
local id, leads, known = ARGV[1], ARGV[2], tonumber(ARGV[3])
if leads == 'elect' then
  local holder = redis.call('get', leader)
  leads = 'no'
  if not holder or holder == id then
    redis.call('set', leader, id, 'px', ${leaderMs})
    leads = 'yes'
  end
end
local count = tonumber(redis.call('get', generation) or '-1')
local lost = 0
if count < known or count < 0 then lost = 1 end
if leads == 'yes' then
  if lost == 1 then
    count = known + ${generationStep}
    redis.call('set', generation, count)
  else
    count = redis.call('incr', generation)
  end
end
local now = tonumber(redis.call('time')[1])
-- A server that is out of memory still reads; only a write shows that notices can be sent.
redis.call('set', KEYS[3], now)
local function runs(jobs)
  local sum = 0
  for _, job in ipairs(jobs) do sum = sum + (tonumber(string.match(job, '^runs%-(%d+)%-')) or 1) end
  return sum
end
local answer = {leads == 'yes' and 1 or 0, lost, count}
for index = 4, #KEYS, 4 do
  local places, member = KEYS[index], ARGV[4 + (index - 4) / 4]
  if member ~= '' then redis.call('zadd', places, now, member) end
  redis.call('zremrangebyscore', places, '-inf', now - ${silentS})
  local sum = 0
  local processes = redis.call('zrange', places, 0, -1)
  for _, each in ipairs(processes) do
    sum = sum + tonumber(string.match(each, '^(%d+) '))
  end
  answer[#answer + 1] = runs(redis.call('lrange', KEYS[index + 1], 0, -1)) + runs(redis.call('zrange', KEYS[index + 2], 0, -1))
  answer[#answer + 1] = runs(redis.call('lrange', KEYS[index + 3], 0, -1))
  answer[#answer + 1] = sum
  answer[#answer + 1] = #processes
end
return answer
`;

export interface Beat {
  readonly leads: boolean;
  /** Redis has lost what it had. */
  readonly lost: boolean;
  readonly generation: number;
  readonly pools: readonly PoolCrew[];
}

export interface PoolCrew extends PoolHealth {
  /** Processes that serve it. */
  readonly processes: number;
}

export interface BeatRequest {
  readonly name: string;
  /** "elect": whoever asks first while nobody leads. */
  readonly leads: "yes" | "no" | "elect";
  /** The largest generation that this process has seen; -1 for none. */
  readonly known: number;
  /** Places of this process in each pool; 0 where it does not work. */
  readonly pools: ReadonlyMap<string, number>;
}

export async function beatRedis(
  client: Redis,
  settings: RedisSettings,
  request: BeatRequest,
): Promise<Beat> {
  const prefix = keyPrefix(settings);
  const pools = [...request.pools.entries()];
  const keys = [`${prefix}:generation`, `${prefix}:leader`, `${prefix}:beat`];
  const members: string[] = [];
  for (const [pool, places] of pools) {
    const queue = `${prefix}:${queueName(pool)}`;
    keys.push(
      `${prefix}:places:${pool}`,
      `${queue}:wait`,
      `${queue}:prioritized`,
      `${queue}:active`,
    );
    members.push(places > 0 ? `${places} ${request.name}` : "");
  }
  const answer = await client.eval(
    script,
    keys.length,
    ...keys,
    request.name,
    request.leads,
    request.known,
    ...members,
  );
  const numbers = Array.isArray(answer) ? answer.map(Number) : [];
  const at = (index: number): number => numbers[index] ?? 0;
  return {
    leads: at(0) === 1,
    lost: at(1) === 1,
    generation: at(2),
    pools: pools.map(([name], index) => ({
      name,
      waiting: at(3 + index * 4),
      active: at(4 + index * 4),
      places: at(5 + index * 4),
      processes: at(6 + index * 4),
    })),
  };
}
