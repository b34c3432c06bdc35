import type { InboxItem } from "../ports/store.ts";

/** A call has its slot: in the run's inbox until the run has taken it in, or has no use for it any more. */
export function slotItem(run: string, path: string, atMs: number): InboxItem {
  return { id: slotItemId(run, path), run, atMs, kind: "slot", path };
}

export function slotItemId(run: string, path: string): string {
  return `slot/${run}/${path}`;
}
