import type { SourceFile } from "./source-file.ts";

/** What the rules look at: all text files, and those in TypeScript also as trees. */
export interface Repository {
  readonly sources: readonly SourceFile[];
  readonly texts: ReadonlyMap<string, string>;
}

export interface Violation {
  readonly file: string;
  readonly line: number;
  /** Says what to do instead. */
  readonly message: string;
}

export type Rule = (repository: Repository) => Violation[];
