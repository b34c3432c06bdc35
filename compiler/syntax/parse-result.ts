import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Comment, SourceFile } from "./tree.ts";

/** A token as the formatter and the editor need it. `type` is the token table's name. */
export interface SyntaxToken {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** What `parse(file, text)` gives for any text whatever; it never throws. */
export interface ParseResult {
  readonly file: string;
  readonly text: string;
  readonly tree: SourceFile;
  /** In order, without white space and comments. Made anew whenever it is asked for. */
  readonly tokens: readonly SyntaxToken[];
  /** In order. */
  readonly comments: readonly Comment[];
  readonly diagnostics: readonly Diagnostic[];
  /** False when the text has syntax errors that are no habits (AF1010–1020): the formatter then leaves it alone. */
  readonly formattable: boolean;
}
