/** What the compiler says about a program. Pure data; rendering lives in `render*.ts`. */

import type { Code } from "./codes.ts";

export type Severity = "error" | "warning";

/** A place in a file. Offsets are UTF-16 code units, `end` exclusive. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** A second place that explains the first: the other declaration, the next edge of a cycle. */
export interface Label {
  readonly span: Span;
  readonly message: string;
}

export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** A change that mends the fault. `safe`: `check --fix` may apply it unasked. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
  readonly safe: boolean;
}

export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  /** Stands alone: says what is wrong, lower case, no full stop at the end, code in backticks. */
  readonly message: string;
  readonly span: Span;
  /** Text under the primary span; short, may be absent. */
  readonly label?: string;
  readonly related?: readonly Label[];
  /** What to do, one sentence; always present unless the message says it already. */
  readonly help?: string;
  readonly fixes?: readonly Fix[];
}
