import { Redis, type RedisOptions } from "ioredis";

/** A command that has no answer after this time has failed. */
const commandTimeoutMs = 1_000;
const connectTimeoutMs = 2_000;

/** For commands that somebody waits for: they fail at once while there is no connection, and soon when there is no answer. */
export function commandClient(url: string, name: string): Redis {
  return client(url, name, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: commandTimeoutMs,
  });
}

/** For BullMQ's consumers and for subscriptions, which wait for Redis as long as it takes. */
export function patientClient(url: string, name: string): Redis {
  return client(url, name, { maxRetriesPerRequest: null });
}

type Manners = Pick<RedisOptions, "enableOfflineQueue" | "maxRetriesPerRequest" | "commandTimeout">;

function client(url: string, name: string, options: Manners): Redis {
  const made = new Redis(url, {
    ...options,
    connectionName: name,
    connectTimeout: connectTimeoutMs,
    keepAlive: 5_000,
    lazyConnect: true,
    // Soon at first, because most interruptions are short.
    retryStrategy: (times) => Math.min(20 * 2 ** Math.min(times, 6), 500),
  });
  // Every failure reaches whoever gave the command, or shows in the next beat.
  made.on("error", () => {});
  return made;
}
