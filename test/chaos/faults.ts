/** What can be done to the processes, the services, and the ways between them. `docs/chaos.md` says what each is. */
export const faultKinds = [
  "worker-kill",
  "worker-freeze",
  "worker-pause",
  "worker-clock",
  "rolling-restart",
  "redis-flush",
  "redis-restart",
  "redis-outage",
  "redis-freeze",
  "redis-memory",
  "postgres-backends",
  "postgres-restart",
  "postgres-outage",
  "disk-full",
  "commit-lost",
  "link-cut",
  "link-slow",
  "link-deaf",
  "poison",
  "worker-upgrade",
  "deploy",
  "step-flood",
  "step-deluge",
  "step-stuck",
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** One fault, as it follows from the seed. Times are milliseconds. */
export interface Fault {
  /** From the start of the load. */
  readonly atMs: number;
  readonly kind: FaultKind;
  /** Which worker, for those that harm one. */
  readonly victim: number;
  /** How long it lasts, for those that last. */
  readonly forMs: number;
  /** How much: by how much a clock is wrong, how many commits, how late. */
  readonly size: number;
}

/** What a fault harms: faults of one target come one after the other. */
export function targetOf({ kind, victim }: Fault): string {
  const [target = ""] = kind.split("-");
  if (target === "worker") return `worker ${victim}`;
  if (kind === "poison" || target === "step") return kind;
  if (target === "disk") return "postgres";
  return target === "commit" ? "link" : target;
}
