import type { PermitStore, SharedLimit } from "../ports/permit-store.ts";
import type { SqliteContext } from "./sqlite-context.ts";

/** Limits that all processes on the file share. */
export function createPermits(context: SqliteContext): PermitStore {
  const { database, flush, now } = context;
  const holds = database.prepare("SELECT 1 FROM permit WHERE key = ? AND holder = ?");
  const dropDead = database.prepare(
    "DELETE FROM permit WHERE key = ? AND NOT EXISTS (SELECT 1 FROM session WHERE id = permit.session AND until > ?)",
  );
  const count = database.prepare<{ count: number }>(
    "SELECT count(*) AS count FROM permit WHERE key = ?",
  );
  const put = database.prepare("INSERT INTO permit (key, holder, session) VALUES (?, ?, ?)");
  const drop = database.prepare("DELETE FROM permit WHERE holder = ?");
  const forget = database.prepare("DELETE FROM permit_use WHERE key = ? AND at <= ?");
  const use = database.prepare("INSERT INTO permit_use (key, at) VALUES (?, ?)");
  // The window that would be overfull begins with the use that is `count` back.
  const nthLast = database.prepare<{ at: number }>(
    "SELECT at FROM permit_use WHERE key = ? ORDER BY at DESC LIMIT 1 OFFSET ?",
  );

  function isFull({ key, atOnce }: SharedLimit): boolean {
    if (atOnce === null || (count.get([key])?.count ?? 0) < atOnce) return false;
    dropDead.run([key, now()]);
    return (count.get([key])?.count ?? 0) >= atOnce;
  }

  function waitMs({ key, rate }: SharedLimit): number {
    const nowMs = now();
    return rate === null ? 0 : nextAt(key, rate, nowMs) - nowMs;
  }

  /** When it may be used next: now or later. */
  function nextAt(key: string, rate: NonNullable<SharedLimit["rate"]>, nowMs: number): number {
    forget.run([key, nowMs - rate.perMs]);
    const first = nthLast.get([key, rate.count - 1]);
    return first === undefined ? nowMs : Math.max(nowMs, first.at + rate.perMs);
  }

  return {
    take: ({ holder, session, limits, slackMs = 0 }) =>
      flush.write(() => {
        const open = limits.filter(({ key }) => holds.get([key, holder]) === undefined);
        if (open.some(isFull)) return { granted: false, afterMs: null };
        const afterMs = Math.max(0, ...open.map(waitMs));
        if (afterMs > 0) return { granted: false, afterMs };
        for (const { key, rate } of open) {
          put.run([key, holder, session]);
          if (rate !== null) use.run([key, now() + slackMs]);
        }
        return { granted: true };
      }),
    reserve: (key, rate) =>
      flush.write(() => {
        const atMs = nextAt(key, rate, now());
        use.run([key, atMs]);
        return atMs;
      }),
    giveBack: (holders) =>
      flush.write(() => {
        for (const holder of holders) drop.run([holder]);
      }),
  };
}
