import type { Deployment, DeploymentStore } from "../ports/deployment-store.ts";
import type { Hold, HoldStore } from "../ports/hold-store.ts";

/** Deployments of a store in memory. */
export function memoryDeployments(): DeploymentStore & { all(): readonly Deployment[] } {
  const byProgram = new Map<string, Deployment>();
  const all = (): readonly Deployment[] =>
    [...byProgram.values()].sort((left, right) => (left.program < right.program ? -1 : 1));
  return {
    put(deployment, replaces) {
      const { program } = deployment;
      if ((byProgram.get(program)?.edition ?? 0) !== replaces) return Promise.resolve(null);
      byProgram.set(program, { ...deployment, edition: replaces + 1 });
      return Promise.resolve(replaces + 1);
    },
    remove: (program) => Promise.resolve(byProgram.delete(program)),
    list: () => Promise.resolve(all()),
    all,
  };
}

/** Holds of a store in memory. */
export function memoryHolds(): HoldStore & { isHeld(flow: string): boolean } {
  const byFlow = new Map<string | null, Hold>();
  return {
    put(hold) {
      if (!byFlow.has(hold.flow)) byFlow.set(hold.flow, hold);
      return Promise.resolve();
    },
    lift: (flow) => Promise.resolve(byFlow.delete(flow)),
    list: () => Promise.resolve([...byFlow.values()].sort((left, right) => left.atMs - right.atMs)),
    isHeld: (flow) => byFlow.has(null) || byFlow.has(flow),
  };
}
