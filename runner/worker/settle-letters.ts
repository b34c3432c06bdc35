import type { WorkerHost } from "./worker-host.ts";

/** Closes the dead letters of items that have succeeded after all. One that stays open because the process ends is closed by whoever looks at it. */
export async function settleLetters(
  run: string,
  paths: readonly string[],
  { store, telemetry }: Pick<WorkerHost, "store" | "telemetry">,
): Promise<void> {
  const settled = new Set(paths);
  try {
    for (const { id, path } of await store.deadLetters({ run, status: "open" })) {
      if (path !== null && settled.has(path))
        await store.closeDeadLetter(id, "retried", `run ${run} was retried`);
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const message = `dead letters of run ${run} stay open: ${text}`;
    telemetry.log({ level: "warn", message, fields: { run } });
  }
}
