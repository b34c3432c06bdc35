import { Client } from "pg";

/** How long it took until harm was made good, in milliseconds. */
export interface Recovery {
  readonly kind: string;
  readonly ms: number;
}

interface Row {
  readonly id: string;
  readonly epoch: number;
  readonly ended: boolean;
}

const everyMs = 100;
const patienceMs = 60_000;

/**
 * Measures how soon runs go on elsewhere when the process that owned them was killed or stood still: until another one has
 * claimed them, or they have ended.
 */
export class Recoveries {
  readonly measured: Recovery[] = [];
  private readonly url: string;
  private readonly pending = new Set<Promise<void>>();

  constructor(url: string) {
    this.url = url;
  }

  /** To be called before the harm is done. */
  async watch(kind: string, pid: number): Promise<void> {
    const owned = await this.ask(
      "SELECT id, epoch, ended_at IS NOT NULL AS ended FROM agentflow.run WHERE owner LIKE $1 AND ended_at IS NULL",
      [`%/${pid}/%`],
    ).catch(() => []);
    const beganAtMs = performance.now();
    const work = this.follow(kind, owned, beganAtMs);
    this.pending.add(work);
    void work.finally(() => this.pending.delete(work));
  }

  async settled(): Promise<void> {
    await Promise.all(this.pending);
  }

  private async follow(kind: string, owned: readonly Row[], beganAtMs: number): Promise<void> {
    let left = new Map(owned.map(({ id, epoch }) => [id, epoch]));
    while (left.size > 0 && performance.now() - beganAtMs < patienceMs) {
      await new Promise((resolve) => {
        setTimeout(resolve, everyMs);
      });
      const rows = await this.ask(
        "SELECT id, epoch, ended_at IS NOT NULL AS ended FROM agentflow.run WHERE id = ANY ($1)",
        [[...left.keys()]],
      ).catch(() => []);
      for (const { id, epoch, ended } of rows) {
        if (!ended && epoch === left.get(id)) continue;
        left.delete(id);
        this.measured.push({ kind, ms: performance.now() - beganAtMs });
      }
    }
    for (const _ of left) this.measured.push({ kind, ms: Number.POSITIVE_INFINITY });
    left = new Map();
  }

  private async ask(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 2_000 });
    client.on("error", () => {});
    await client.connect();
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** From p50 to the worst, for a table. */
export function percentiles(values: readonly number[]): {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
} {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}
