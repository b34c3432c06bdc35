import type { UsageDimension, UsageLedger, UsageRecord, UsageSum } from "../ports/usage-ledger.ts";

/** The ledger of a store in memory. */
export class MemoryUsage implements UsageLedger {
  readonly records: (UsageRecord & { readonly run: string })[] = [];

  add(run: string, records: readonly UsageRecord[]): void {
    for (const record of records) this.records.push({ ...record, run });
  }

  sum(query: Parameters<UsageLedger["sum"]>[0]): Promise<readonly UsageSum[]> {
    const { fromMs, untilMs, by, run } = query;
    const sums = new Map<string, UsageSum>();
    for (const record of this.records) {
      if (record.atMs < fromMs || record.atMs >= untilMs) continue;
      if (run !== undefined && record.run !== run) continue;
      const group = Object.fromEntries(by.map((name) => [name, valueOf(record, name)]));
      const key = JSON.stringify(group);
      const { calls = 0, tokensIn = 0, tokensOut = 0, cost = 0 } = sums.get(key) ?? {};
      sums.set(key, {
        group,
        calls: calls + 1,
        tokensIn: tokensIn + record.tokensIn,
        tokensOut: tokensOut + record.tokensOut,
        cost: cost + record.cost,
      });
    }
    return Promise.resolve([...sums.values()].sort((left, right) => right.cost - left.cost));
  }
}

function valueOf(record: UsageRecord, dimension: UsageDimension): string | null {
  return dimension === "day" ? new Date(record.atMs).toISOString().slice(0, 10) : record[dimension];
}
