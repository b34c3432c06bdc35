import type { Candidacy, Election, Renewal, Vote } from "../ports/election.ts";

interface Term {
  readonly owner: string;
  readonly fence: number;
  untilMs: number;
}

/** Offices of a store in memory. */
export class MemoryElection implements Election {
  readonly now: () => number;
  readonly news: () => string;
  /** The last term of each office, over or not: its fence goes on from there. */
  readonly terms = new Map<string, Term>();

  constructor(now: () => number, news: () => string) {
    this.now = now;
    this.news = news;
  }

  acquire({ office, owner, ttlMs }: Candidacy): Promise<Vote> {
    const last = this.terms.get(office);
    const held = last !== undefined && last.untilMs > this.now();
    if (held && last.owner !== owner)
      return Promise.resolve({ elected: false, afterMs: last.untilMs - this.now() });
    const fence = held ? last.fence : (last?.fence ?? 0) + 1;
    this.terms.set(office, { owner, fence, untilMs: this.now() + ttlMs });
    return Promise.resolve({ elected: true, fence });
  }

  renew({ office, owner, ttlMs }: Candidacy): Promise<Renewal | null> {
    const term = this.current(office);
    if (term?.owner !== owner) return Promise.resolve(null);
    term.untilMs = this.now() + ttlMs;
    return Promise.resolve({ news: this.news() });
  }

  resign({ office, owner }: Pick<Candidacy, "office" | "owner">): Promise<boolean> {
    const term = this.current(office);
    if (term?.owner !== owner) return Promise.resolve(false);
    term.untilMs = 0;
    return Promise.resolve(true);
  }

  holder(office: string): Promise<{ readonly owner: string; readonly fence: number } | null> {
    const term = this.current(office);
    return Promise.resolve(term === undefined ? null : { owner: term.owner, fence: term.fence });
  }

  current(office: string): Term | undefined {
    const term = this.terms.get(office);
    return term !== undefined && term.untilMs > this.now() ? term : undefined;
  }
}
