import { BraceFinder } from "./brace-finder.ts";
import { DiagnosticList } from "./diagnostic-list.ts";
import type { CommentSink } from "./scan-comment.ts";
import type { Token } from "./tokens.ts";
import type { Comment, Doc } from "./tree.ts";

/** Offsets into the text, `end` exclusive. */
export interface ScanRange {
  readonly start: number;
  readonly end: number;
}

/** The state of one scan: what has been read, and where it stands. All before `position` is done. */
export class Scanner implements CommentSink {
  readonly file: string;
  readonly text: string;
  readonly end: number;
  readonly tokens: Token[] = [];
  readonly comments: Comment[] = [];
  readonly docs: Doc[] = [];
  readonly diagnostics = new DiagnosticList();
  readonly braces: BraceFinder;
  /** The doc comment that waits for the token it documents. */
  pendingDoc: Doc | null = null;
  position: number;

  constructor(file: string, text: string, { start, end }: ScanRange) {
    this.file = file;
    this.text = text;
    this.position = start;
    this.end = end;
    this.braces = new BraceFinder(text);
  }

  push(token: Token): void {
    if (this.pendingDoc !== null) {
      token.doc = this.pendingDoc;
      this.pendingDoc = null;
    }
    this.tokens.push(token);
    this.position = token.end;
  }
}
