import type { Store } from "../../runner/ports/store.ts";
import type { Load } from "./load.ts";

const everyMs = 400;
const patienceMs = 60_000;
/** A poisoned run takes down one process after the other, each of which is missed only when its lease has run out. */
const poisonPatienceMs = 110_000;

/** Waits until every run has ended, or nothing has become of the rest for too long, which the checks then tell. */
export async function settle(options: {
  readonly store: Store;
  readonly load: Load;
  readonly poisoned: boolean;
}): Promise<void> {
  const { store, load, poisoned } = options;
  const untilMs = Date.now() + (poisoned ? poisonPatienceMs : patienceMs);
  while (Date.now() < untilMs) {
    const left = await store
      .list({ status: ["queued", "running", "waiting", "paused"], limit: 1_000 })
      .catch(() => null);
    if (left !== null) {
      const moving = left.filter(({ flow, status }) => flow !== "poisoned" || status !== "paused");
      // What nobody hears yet may be an event that is being read.
      if (moving.length === 0 && (await heardAll(store))) return;
      if (moving.some(({ flow }) => flow === "waiter")) await load.tellWaiters(1_000);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, everyMs);
    });
  }
}

async function heardAll(store: Store): Promise<boolean> {
  const [said, heard] = await Promise.all([
    store.list({ flow: "herald", status: ["succeeded"], limit: 1_000 }),
    store.list({ flow: "heard", limit: 1_000 }),
  ]);
  return heard.length >= said.length;
}
