import type { Store } from "../ports/store.ts";
import type { WorkerHost } from "./worker-host.ts";

/** Those that are closed at the same time share a commit. */
const closedAtOnce = 100;

/** Closes dead letters that were retried; a run may have thousands. */
export async function closeLetters(
  store: Pick<Store, "closeDeadLetter">,
  ids: readonly string[],
  reason: string,
): Promise<void> {
  for (let at = 0; at < ids.length; at += closedAtOnce)
    await Promise.all(
      ids.slice(at, at + closedAtOnce).map((id) => store.closeDeadLetter(id, "retried", reason)),
    );
}

/** Closes the dead letters of items that have succeeded after all. One that stays open because the process ends is closed by whoever looks at it. */
export async function settleLetters(
  run: string,
  paths: readonly string[],
  { store, telemetry }: Pick<WorkerHost, "store" | "telemetry">,
): Promise<void> {
  try {
    const open = await store.deadLetters({ run, status: "open", paths });
    const ids = open.map(({ id }) => id);
    await closeLetters(store, ids, `run ${run} was retried`);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const message = `dead letters of run ${run} stay open: ${text}`;
    telemetry.log({ level: "warn", message, fields: { run } });
  }
}
