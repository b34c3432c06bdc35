/** What calls have cost, one record per call that used something. It outlives the runs. */
export interface UsageLedger {
  /** Sums over calls from `fromMs` up to but not including `untilMs`, one for each group, the dearest first. */
  sum(query: {
    readonly fromMs: number;
    readonly untilMs: number;
    readonly by: readonly UsageDimension[];
    readonly run?: string;
  }): Promise<readonly UsageSum[]>;
}

/** `day` is the date in UTC. */
export type UsageDimension = "day" | "flow" | "callee" | "model";

/** A call that used tokens or money; part of the entry that holds its outcome. */
export interface UsageRecord {
  /** Number of the event with its outcome. */
  readonly seq: number;
  readonly atMs: number;
  /** Id of the run's flow. */
  readonly flow: string;
  /** Agent or tool. */
  readonly callee: string;
  /** Name of the model in the plan; null for a tool. */
  readonly model: string | null;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** Dollars. */
  readonly cost: number;
}

export interface UsageSum {
  /** Value of each dimension that was asked for. */
  readonly group: { readonly [dimension in UsageDimension]?: string | null };
  readonly calls: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly cost: number;
}
