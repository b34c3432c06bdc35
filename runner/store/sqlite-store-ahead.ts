import type { Payload } from "./payload.ts";
import type { SqliteContext } from "./sqlite-context.ts";

/** Bytes that one flush writes, a few milliseconds of work. */
const bytesAtOnce = 262_144;

/** Writes large values in several flushes, so that the one which refers to them is short and nobody waits for it. */
export async function storeAhead(
  { payloads, flush }: Pick<SqliteContext, "payloads" | "flush">,
  all: readonly Payload[],
): Promise<void> {
  const size = all.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (size <= bytesAtOnce) return;
  for (let at = 0; at < all.length;) {
    const now: Payload[] = [];
    for (let left = bytesAtOnce; at < all.length && (left > 0 || now.length === 0); at += 1) {
      const payload = all[at] as Payload;
      now.push(payload);
      left -= payload.bytes.length;
    }
    await flush.write(() => {
      for (const payload of now) payloads.putAhead(payload);
    });
  }
}
