import { LLkLookaheadStrategy } from "chevrotain";
import type { BaseParser, ILookaheadStrategy, IOrAlt } from "chevrotain";

import {
  Colon,
  Const,
  Else,
  Equals,
  Expect,
  FatArrow,
  Gap,
  Identifier,
  Let,
  On,
  Ellipsis,
  Return,
  State,
  Step,
  Text,
  tokenTable,
  Var,
} from "./tokens.ts";

/**
 * One token of look-ahead decides almost everywhere. The four places where it takes two are written out here, so
 * that the parser neither enumerates paths of tokens at its start nor compares them one by one.
 */

/** The alternatives of an entry of a block, in the order of the grammar. */
export const entryAlternatives = {
  setting: 0,
  spread: 1,
  on: 2,
  state: 3,
  step: 4,
  let: 5,
  expect: 6,
  constant: 7,
  return: 8,
  assignment: 9,
  gap: 10,
  action: 11,
} as const;

export const argumentAlternatives = { named: 0, lambda: 1, plain: 2 } as const;
export const recordAlternatives = { spread: 0, quoted: 1, field: 2, short: 3 } as const;

const isWord: boolean[] = [];
for (const { kind, category } of tokenTable) {
  isWord[kind.tokenTypeIdx] =
    category === "name" ||
    category === "keyword" ||
    category === "reserved word" ||
    category === "constant";
}

const entryStarts: number[] = [];
entryStarts[Ellipsis.tokenTypeIdx] = entryAlternatives.spread;
entryStarts[On.tokenTypeIdx] = entryAlternatives.on;
entryStarts[State.tokenTypeIdx] = entryAlternatives.state;
entryStarts[Step.tokenTypeIdx] = entryAlternatives.step;
entryStarts[Let.tokenTypeIdx] = entryAlternatives.let;
entryStarts[Expect.tokenTypeIdx] = entryAlternatives.expect;
entryStarts[Const.tokenTypeIdx] = entryAlternatives.constant;
entryStarts[Var.tokenTypeIdx] = entryAlternatives.constant;
entryStarts[Return.tokenTypeIdx] = entryAlternatives.return;
entryStarts[Gap.tokenTypeIdx] = entryAlternatives.gap;

/** A word before `:` is a setting's key, whatever the word; before `=` it is a name that lacks its keyword. */
function entry(this: BaseParser): number {
  const first = this.LA(1).tokenTypeIdx;
  if (isWord[first] === true) {
    const second = this.LA(2).tokenTypeIdx;
    if (second === Colon.tokenTypeIdx) return entryAlternatives.setting;
    if (second === Equals.tokenTypeIdx && entryStarts[first] === undefined) {
      return entryAlternatives.assignment;
    }
  }
  return entryStarts[first] ?? entryAlternatives.action;
}

function argument(this: BaseParser): number {
  const first = this.LA(1).tokenTypeIdx;
  if (isWord[first] === true) {
    const second = this.LA(2).tokenTypeIdx;
    if (second === Colon.tokenTypeIdx) return argumentAlternatives.named;
    if (first === Identifier.tokenTypeIdx) {
      if (second === Equals.tokenTypeIdx) return argumentAlternatives.named;
      if (second === FatArrow.tokenTypeIdx) return argumentAlternatives.lambda;
    }
  }
  return argumentAlternatives.plain;
}

function recordEntry(this: BaseParser): number | undefined {
  const first = this.LA(1).tokenTypeIdx;
  if (first === Ellipsis.tokenTypeIdx) return recordAlternatives.spread;
  if (first === Text.tokenTypeIdx) return recordAlternatives.quoted;
  const second = this.LA(2).tokenTypeIdx;
  if (second === Colon.tokenTypeIdx || second === Equals.tokenTypeIdx) {
    return recordAlternatives.field;
  }
  return isWord[first] === true ? recordAlternatives.short : undefined;
}

/** In an arm `else` may also start the next arm. */
function elseBranch(this: BaseParser): boolean {
  return (
    this.LA(1).tokenTypeIdx === Else.tokenTypeIdx &&
    this.LA(2).tokenTypeIdx !== FatArrow.tokenTypeIdx
  );
}


type Alternation = Parameters<ILookaheadStrategy["buildLookaheadForAlternation"]>[0];
type Optional = Parameters<ILookaheadStrategy["buildLookaheadForOptional"]>[0];

class Lookahead extends LLkLookaheadStrategy implements ILookaheadStrategy {
  override buildLookaheadForAlternation(
    options: Alternation,
  ): (this: BaseParser, alternatives?: IOrAlt<unknown>[]) => number | undefined {
    if (options.prodOccurrence === 0) {
      switch (options.rule.name) {
        case "entry":
          return entry;
        case "argument":
          return argument;
        case "recordEntry":
          return recordEntry;
        default:
      }
    }
    return super.buildLookaheadForAlternation({ ...options, maxLookahead: 1 });
  }

  override buildLookaheadForOptional(options: Optional): (this: BaseParser) => boolean {
    if (options.rule.name === "ifAction" && options.prodType === "Option") return elseBranch;
    return super.buildLookaheadForOptional({ ...options, maxLookahead: 1 });
  }
}

export const lookahead: ILookaheadStrategy = new Lookahead({ maxLookahead: 1 });
