import { EmbeddedActionsParser, EOF, LLkLookaheadStrategy } from "chevrotain";
import type { IToken, TokenType } from "chevrotain";

import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { BraceFinder } from "./brace-finder.ts";
import { DiagnosticList } from "./diagnostic-list.ts";
import { createLookahead } from "./lookahead.ts";
import { plainLiteral } from "./number-literal.ts";
import { textLiteral } from "./text-literal.ts";
import type { OpenInterpolation, TextSink } from "./text-literal.ts";
import { Comma, vocabulary } from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";
import type { Doc, LiteralExpression, Name, StringLiteral } from "./tree.ts";

/**
 * How deep expressions, types and blocks may nest, and how long a chain of operators or of `.name` may be.
 * Each level costs stack here and in every later phase; people need less than ten.
 */
export const nestingLimit = 100;
export const chainLimit = 1_000;

/** Where and why the grammar could not go on. */
export interface Fault {
  readonly kind:
    | "mismatch"
    | "no-alternative"
    | "left-over"
    | "separator"
    | "no-call"
    | "too-deep"
    | "too-long";
  /** Index of the token that does not fit; the number of tokens if the input is too short. */
  readonly index: number;
  readonly expected: TokenKind | null;
  /** The rules that were under way, the outermost first. */
  readonly rules: readonly string[];
}

/** Thrown inside the grammar alone, caught by `attempt`; without a stack trace, so it costs next to nothing. */
const stop: unique symbol = Symbol("syntax fault");

/** What one attempt to parse gathered beside its node. */
export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  readonly interpolations: readonly OpenInterpolation[];
  readonly docs: readonly Doc[];
}

export type Attempt<T> =
  | ({ readonly node: T; readonly fault: null } & Findings)
  | { readonly node: null; readonly fault: Fault };

/**
 * What all rules need: tokens with offsets, names, literals, limits, and faults that leave the grammar at once.
 * Chevrotain's own recovery stays off: mending happens on the tokens, see `mend.ts`.
 */
export abstract class GrammarBase extends EmbeddedActionsParser implements TextSink {
  file = "";
  text = "";
  braces = new BraceFinder("");
  diagnostics = new DiagnosticList();
  interpolations: OpenInterpolation[] = [];
  #docs: Doc[] = [];
  #depth = 0;
  #fault: Fault | null = null;

  constructor({ validate }: { validate: boolean }) {
    super(vocabulary, {
      maxLookahead: 3,
      recoveryEnabled: false,
      skipValidations: !validate,
      // The validating parser is built by a test alone, with the look-ahead that can tell ambiguities.
      lookaheadStrategy: validate
        ? new LLkLookaheadStrategy({ maxLookahead: 3 })
        : createLookahead(),
    });
  }

  /** The text that the tokens to come belong to. */
  load(file: string, text: string): void {
    this.file = file;
    this.text = text;
    this.braces = new BraceFinder(text);
  }

  /** Parses all tokens with one rule. The tokens stay as they are. */
  attempt<T>(rule: () => T, tokens: Token[]): Attempt<T> {
    this.diagnostics = new DiagnosticList();
    this.interpolations = [];
    this.#docs = [];
    this.#depth = 0;
    this.#fault = null;
    this.input = tokens;
    try {
      const node = rule.call(this);
      const fault = this.takeFault();
      if (fault !== null) return { node: null, fault };
      const { diagnostics, interpolations } = this;
      return {
        node,
        fault: null,
        diagnostics: diagnostics.items,
        interpolations,
        docs: this.#docs,
      };
    } catch (error) {
      const fault = this.takeFault();
      if (error === stop && fault !== null) return { node: null, fault };
      if (error instanceof RangeError)
        return { node: null, fault: this.#faultHere("too-deep", null) };
      throw error;
    }
  }

  /** A method, so that the compiler does not take the field for unchanged since it was cleared. */
  private takeFault(): Fault | null {
    return this.#fault;
  }

  // The next three replace methods of chevrotain that build messages and look-ahead paths for each fault. Faults are
  // frequent while a mend is searched, and the messages are our own.

  protected consumeInternalError(expected: TokenType): never {
    throw this.#raise("mismatch", expected as TokenKind);
  }

  protected raiseNoAltException(): never {
    throw this.#raise("no-alternative", null);
  }

  protected onAfterParse(): void {
    const { input } = this;
    if (this.#fault === null && this.LA(1).tokenTypeIdx !== EOF.tokenTypeIdx) {
      this.#fault = this.#faultHere("left-over", null);
    }
    while (input.length > 0 && input.at(-1)?.tokenTypeIdx === EOF.tokenTypeIdx) input.pop();
  }

  /** Refuses the next token. */
  protected refuse(kind: Fault["kind"], expected: TokenKind | null): never {
    throw this.#raise(kind, expected);
  }

  /** Refuses a token that has been read already. */
  protected refuseAt(token: Token, expected: TokenKind | null): never {
    const fault = this.#faultHere("separator", expected);
    this.#fault = { ...fault, index: this.input.indexOf(token) };
    throw stop;
  }

  #raise(kind: Fault["kind"], expected: TokenKind | null): symbol {
    this.#fault = this.#faultHere(kind, expected);
    return stop;
  }

  #faultHere(kind: Fault["kind"], expected: TokenKind | null): Fault {
    const engine = this as unknown as {
      currIdx: number;
      getHumanReadableRuleStack(): string[];
    };
    return { kind, index: engine.currIdx + 1, expected, rules: engine.getHumanReadableRuleStack() };
  }

  // ------------------------------------------------------------------ for the rules

  protected enter(): void {
    this.#depth += 1;
    if (this.#depth > nestingLimit) this.refuse("too-deep", null);
  }

  protected leave(): void {
    this.#depth -= 1;
  }

  protected limitChain(length: number): void {
    if (length > chainLimit) this.refuse("too-long", null);
  }

  /**
   * Is the next token one of these? Asked before an optional part that is mostly absent, so that nothing is allocated
   * for it; while the grammar is recorded every part is there.
   */
  protected sees(kinds: readonly boolean[]): boolean {
    return this.RECORDING_PHASE || kinds[this.LA(1).tokenTypeIdx] === true;
  }

  protected get next(): Token {
    return this.LA(1) as Token;
  }

  /** The end of what has been read so far. */
  protected get lastEnd(): number {
    return (this.LA(0) as Token).end;
  }

  /**
   * Behind an item of a list in `( )`, `[ ]` or `< >`: a comma, or the closing bracket comes next. A gate of its
   * own, because "item, comma, item" with an optional last comma is no repetition that one token decides.
   */
  protected separator(comma: IToken | undefined, closing: TokenKind): void {
    if (comma !== undefined || this.RECORDING_PHASE) return;
    if (this.LA(1).tokenTypeIdx !== closing.tokenTypeIdx) this.refuse("separator", Comma);
  }

  protected docOf(token: Token): Doc | null {
    const { doc } = token;
    if (doc !== null) this.#docs.push(doc);
    return doc;
  }

  protected nameOf(token: IToken): Name {
    const { start, end, image } = token as Token;
    return { start, end, text: image };
  }

  protected textOf(token: IToken): StringLiteral {
    if (this.RECORDING_PHASE) return { kind: "string", start: 0, end: 0, quote: '"', parts: [] };
    return textLiteral(this, token as Token);
  }

  protected literalOf(token: IToken): LiteralExpression {
    if (this.RECORDING_PHASE)
      return { kind: "literal", start: 0, end: 0, type: "null", value: null };
    return plainLiteral(this.text, token as Token);
  }
}
