import { assert } from "../../base/assert.ts";
import type { RunCreated } from "../../plan/history.ts";
import type { RunMachine } from "../engine/machine.ts";
import type { RunHead } from "../ports/store.ts";
import { RunOwner, type OwnerEnd } from "./run-owner.ts";
import type { LoadedProgram, WorkerHost } from "./worker-host.ts";

/** Events read at once while a history is folded. */
const pageSize = 5_000;

/** A run that this process has just created. */
export interface FreshRun {
  readonly machine: RunMachine;
  readonly program: LoadedProgram;
  readonly created: RunCreated;
}

/**
 * Claims a run and folds its history, from the newest snapshot on. Null when another living process has it, or it
 * does not exist.
 */
export async function assumeRun(options: {
  readonly run: string;
  readonly session: string;
  readonly host: WorkerHost;
  readonly fresh?: FreshRun;
  readonly onEnd: (end: OwnerEnd, error?: unknown) => void;
}): Promise<RunOwner | null> {
  const { run, host, fresh, onEnd } = options;
  const claimed = await host.store.claim(run, options.session);
  if (claimed === null) return null;
  const { epoch, head } = claimed;
  if (fresh?.machine.seq === head.seq) {
    fresh.machine.takeEffects();
    return new RunOwner({ ...fresh, epoch, snapshotSeq: 0, host, onEnd });
  }
  return new RunOwner({ ...(await fold(run, head, host)), epoch, host, onEnd });
}

async function fold(run: string, head: RunHead, host: WorkerHost): Promise<FreshRun & { readonly snapshotSeq: number }> {
  const { store } = host;
  const [created] = await store.events(run, { afterSeq: 0, limit: 1 });
  assert(created?.kind === "run.created", `run ${run} has no beginning`);
  const program = await host.load({ planHash: head.planHash, created });
  const snapshot = await store.snapshot(run);
  const machine = program.machine(snapshot?.state ?? null);
  for (;;) {
    const events = await store.events(run, { afterSeq: machine.seq, limit: pageSize });
    for (const event of events) machine.apply(event);
    if (events.length < pageSize) break;
  }
  assert(machine.seq === head.seq, `run ${run} has ${machine.seq} events, not ${head.seq}`);
  // What followed from stored events was stored with them.
  machine.takeEffects();
  return { machine, program, created, snapshotSeq: snapshot?.seq ?? 0 };
}
