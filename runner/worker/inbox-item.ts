import { unreachable } from "../../base/assert.ts";
import type { InboxItem } from "../ports/store.ts";
import type { PendingEntry } from "./pending-entry.ts";

/** Turns what came into the inbox into an event, if the run still has use for it. */
export function takeItem(item: InboxItem, pending: PendingEntry): void {
  const { machine } = pending;
  const ended = machine.phase === "ended";
  switch (item.kind) {
    case "cancel":
      if (!ended) pending.record({ kind: "run.cancel-requested", reason: item.reason });
      break;
    case "pause":
      if (machine.phase === "running") pending.record({ kind: "run.paused" });
      break;
    case "resume":
      if (machine.phase === "paused") pending.record({ kind: "run.resumed" });
      break;
    case "answer": {
      const { path, value, by } = item;
      if (machine.awaits(path))
        pending.record({
          kind: "person.answered",
          path,
          value,
          ...(by === undefined ? {} : { by }),
        });
      break;
    }
    case "event":
      takeEvent(item, pending);
      break;
    case "slot": {
      const { path } = item;
      if (machine.awaits(path))
        pending.record({ kind: "activity.succeeded", path, attempt: 1, output: null });
      break;
    }
    case "retry":
      // Taken when a run that has ended is claimed; one that goes on again needs none.
      break;
    default:
      unreachable(item, "inbox item");
  }
}

function takeEvent(item: Extract<InboxItem, { kind: "event" }>, pending: PendingEntry): void {
  const { machine } = pending;
  const { path, event } = item;
  if (machine.phase === "ended" || !machine.accepts(path, event)) return;
  if (path === "")
    pending.record({ kind: "run.cancel-requested", reason: `the event ${event.topic} came` });
  else if (machine.awaits(path)) pending.record({ kind: "event.received", path, event });
}
