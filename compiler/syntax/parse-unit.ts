import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { LineMap } from "../source/line-map.ts";
import { closingOf, isBalanced, linesOf, openingOf } from "./brackets.ts";
import { indentOf } from "./characters.ts";
import { cutOut } from "./cut-out.ts";
import { mostDiagnostics } from "./diagnostic-list.ts";
import type { DiagnosticList } from "./diagnostic-list.ts";
import { describeChange } from "./describe-change.ts";
import { describeStray } from "./describe-stray.ts";
import { habit, isHabit } from "./habits.ts";
import type { Attempt, Fault, Findings } from "./grammar-base.ts";
import type { Grammar } from "./grammar.ts";
import { parseInterpolation } from "./parse-interpolation.ts";
import { findMend, spend } from "./mend.ts";
import type { Budget, Mend } from "./mend.ts";
import { keywordFor } from "./missing-keyword.ts";
import { applyChange } from "./change.ts";
import {
  Flow,
  Identifier,
  Import as ImportWord,
  LBrace,
  Let,
  LParen,
  RBrace,
  RParen,
  Token,
  Unknown,
} from "./tokens.ts";
import { isShaped } from "./split-declarations.ts";
import type { Declaration, Doc, Entry, Import } from "./tree.ts";

type Top = Import | Declaration;

/** What a file's units share. */
export interface Session {
  readonly parser: Grammar;
  readonly budget: Budget;
  /** In: what the scanner said. Out: what the parser says, too. */
  readonly diagnostics: DiagnosticList;
  readonly lines: LineMap;
  /** How many units had a fault so far. */
  faultyUnits: number;
  /** Lines that an error stands on, counted from 0. */
  readonly faultyLines: Set<number>;
  /** Doc comments that found their node. */
  readonly docs: Set<Doc>;
  /** What could be read. */
  readonly nodes: Top[];
}

/** Enough for any text people write; a unit that is wrong in more places is given up. */
const mostFaults = 50;

/** Reads one unit of a file: a declaration, and whatever else stands before the next one. */
export function parseUnit(session: Session, tokens: Token[]): void {
  let rest: Token[] | null = tokens;
  while (rest !== null && rest.length > 0) rest = readOne(session, rest);
}

/** Reads one declaration, and gives the tokens behind it that do not belong to it. */
function readOne(session: Session, given: Token[]): Token[] | null {
  const { parser, budget } = session;
  let tokens = given;
  let attempt = attemptTop(parser, tokens);
  if (attempt.fault === null) return keep(session, attempt);
  session.faultyUnits += 1;
  if (session.faultyUnits > mostDiagnostics) return null;
  tokens = withoutUnknown(tokens);
  if (tokens.length === 0) return null;
  if (tokens.length < given.length) attempt = attemptTop(parser, tokens);
  for (let round = 0; round < mostFaults; round += 1) {
    if (attempt.fault === null) return keep(session, attempt);
    const { fault } = attempt;
    if (fault.index === 0 && round === 0) return readStray(session, tokens);
    const end = endOfFirst(session, tokens, fault);
    if (end !== null) return split(session, tokens, end);
    const trouble = { rule: ruleFor(parser, tokens), tokens, fault };
    const found: Mend<Top> | null = mendable(fault.kind) ? findMend(parser, trouble, budget) : null;
    const mend = found ?? cutOut(parser, trouble, budget);
    if (mend === null) break;
    report(session, describeChange(parser, trouble, mend.change));
    ({ tokens, attempt } = mend);
  }
  if (attempt.fault === null) return keep(session, attempt);
  if (attempt.fault.kind === "left-over") return split(session, tokens, attempt.fault.index);
  report(
    session,
    describeChange(
      parser,
      { tokens, fault: attempt.fault },
      { kind: "cut", at: attempt.fault.index, count: 0, stead: [] },
    ),
  );
  return null;
}

function mendable(kind: string): boolean {
  return kind !== "too-deep" && kind !== "too-long";
}

function attemptTop(parser: Grammar, tokens: Token[]): Attempt<Top> {
  return parser.attempt(ruleFor(parser, tokens), tokens);
}

function ruleFor(parser: Grammar, tokens: readonly Token[]): () => Top {
  return tokens[0]?.tokenType === ImportWord ? parser.importDeclaration : parser.declaration;
}

/** The scanner has reported these already, and nothing else is to be said about them. */
function withoutUnknown(tokens: Token[]): Token[] {
  return tokens.some(({ tokenType }) => tokenType === Unknown)
    ? tokens.filter(({ tokenType }) => tokenType !== Unknown)
    : tokens;
}

function keep(
  session: Session,
  { node, interpolations, diagnostics, docs }: Findings & { readonly node: Top },
): null {
  session.nodes.push(node);
  for (const diagnostic of diagnostics) report(session, diagnostic);
  for (const doc of docs) session.docs.add(doc);
  for (const open of interpolations) parseInterpolation(session, open);
  return null;
}

/**
 * Where the declaration ends, if what follows it is none of its own: the first line that is not indented, or the
 * keyword of another declaration, such that all before is whole.
 */
function endOfFirst(
  { parser, budget }: Session,
  tokens: Token[],
  { index, kind }: Fault,
): number | null {
  const indent = Math.max(indentOf(parser.text, tokens[0]?.start ?? 0), 0);
  const open: number[] = [];
  for (let at = 1; at < tokens.length; at += 1) {
    if (!follow(open, tokens[at - 1]!)) return null;
    if (open.length > 0) continue;
    const isRest = kind === "left-over" && at === index;
    const isOther = isRest && isShaped(tokens, at) && tokens[at]?.tokenType !== Let;
    const isBody = isRest && isHeadless(parser.text, tokens, { at, indent });
    if (!isOther && !isBody && !startsTop(parser.text, tokens, { at, indent })) continue;
    const before = tokens.slice(0, at);
    const attempt = attemptTop(parser, before);
    spend(budget, before, attempt.fault);
    if (attempt.fault === null) return at;
    if (budget.left <= 0) return null;
  }
  return null;
}

/** Keeps the brackets that are open; false if one closes what is not open. */
function follow(open: number[], token: Token): boolean {
  const closing = closingOf(token);
  if (closing !== undefined) open.push(closing.tokenTypeIdx);
  return openingOf(token) === undefined || open.pop() === token.tokenTypeIdx;
}

/** Is this the body of a declaration whose first line is lost? It starts a line and ends with the `}` of that line. */
function isHeadless(
  text: string,
  tokens: readonly Token[],
  { at, indent }: { at: number; indent: number },
): boolean {
  const lines = linesOf(text, tokens);
  const isStart = lines.some(({ first }) => first === at);
  const before = lines.findLast(({ first }) => first < at);
  const last = lines.at(-1);
  if (!isStart || before === undefined || last === undefined || before.indent > indent + 1)
    return false;
  const isClosed = last.first === last.last && last.indent <= indent + 1;
  return (
    isClosed && tokens[last.first]?.tokenType === RBrace && isBalanced(tokens.slice(at, last.first))
  );
}

/** One blank more than the indentation may be left of a word that was deleted. */
function startsTop(
  text: string,
  tokens: readonly Token[],
  { at, indent }: { at: number; indent: number },
): boolean {
  const own = indentOf(text, tokens[at]?.start ?? 0);
  return own >= 0 && own <= indent + 1 && openingOf(tokens[at]) === undefined;
}

/** Reads what stands before `index` as a declaration, and gives the rest. */
function split(session: Session, tokens: Token[], index: number): Token[] | null {
  const { parser } = session;
  const whole = tokens.slice(0, index);
  const attempt = attemptTop(parser, whole);
  if (attempt.fault === null) keep(session, attempt);
  return tokens.slice(index);
}

/** Reads tokens that start no declaration: one that lacks its keyword, entries that lost their head, or nothing. */
function readStray(session: Session, tokens: Token[]): Token[] | null {
  const { parser, budget } = session;
  budget.left -= 4 * tokens.length;
  const stray = { file: parser.file, text: parser.text, tokens };
  const keyword = keywordFor(tokens);
  if (keyword !== null) {
    const change = {
      kind: "insert" as const,
      at: 0,
      what: keyword,
      image: keyword.name.toLowerCase(),
    };
    const changed = applyChange(parser.text, tokens, change);
    const attempt = attemptTop(parser, changed);
    const isRead = attempt.fault === null || attempt.fault.index > Math.min(4, tokens.length);
    if (isRead) {
      const [name] = tokens;
      const isAssignment = keyword === Let && name !== undefined;
      report(
        session,
        isAssignment
          ? habit.assignment(parser.file, name, "let")
          : describeStray(stray, { kind: "keyword", keyword }),
      );
      return changed;
    }
  }
  const rest = tokens.slice(1);
  if (isShaped(rest, 0)) {
    report(session, describeStray(stray, { kind: "nothing" }));
    return rest;
  }
  const orphans = asFlow(tokens);
  const attempt = attemptTop(parser, orphans);
  if (
    attempt.fault === null &&
    attempt.node.kind === "flow" &&
    isBody(attempt.node.block.entries)
  ) {
    report(session, describeStray(stray, { kind: "entries" }));
    return keep(session, attempt);
  }
  const instead = keywordFor(rest);
  if (instead !== null && rest.length > 3) {
    const change = {
      kind: "replace" as const,
      at: 0,
      what: instead,
      image: instead.name.toLowerCase(),
    };
    const changed = applyChange(parser.text, tokens, change);
    const read = attemptTop(parser, changed);
    if (read.fault === null || read.fault.index > Math.min(4, tokens.length)) {
      report(session, describeStray(stray, { kind: "other", keyword: instead }));
      return changed;
    }
  }
  report(session, describeStray(stray, { kind: "nothing" }));
  const next = tokens.findIndex(
    (token, index) =>
      index > 0 && indentOf(parser.text, token.start) === 0 && closingOf(token) === undefined,
  );
  return next > 0 && budget.left > 0 && keywordFor(tokens.slice(next)) !== null
    ? tokens.slice(next)
    : null;
}

/** Does this hold anything that only a block holds? Bare words may be anything. */
function isBody(entries: readonly Entry[]): boolean {
  return entries.some(({ kind }) => kind !== "action");
}

/** Entries without a head, such as a flow's whose first line was deleted, as a flow without a name. */
function asFlow(tokens: readonly Token[]): Token[] {
  const start = tokens[0]?.start ?? 0;
  const head = [Flow, Identifier, LParen, RParen, LBrace].map(
    (kind) => new Token(kind, start, start, ""),
  );
  const whole = [...head, ...tokens];
  if (isBalanced(whole)) return whole;
  const end = tokens.at(-1)?.end ?? start;
  return [...whole, new Token(RBrace, end, end, "")];
}

/**
 * One line, one fault: a second error there is most likely an echo of the first, or of what the scanner said. Habits
 * are no faults; they are left out only where a fault is.
 */
function report(session: Session, diagnostic: Diagnostic | null): void {
  if (diagnostic === null) return;
  const { line } = session.lines.positionAt(diagnostic.span.start);
  if (session.faultyLines.has(line)) return;
  session.diagnostics.push(diagnostic);
  if (!isHabit(diagnostic)) session.faultyLines.add(line);
}
