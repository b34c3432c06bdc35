import { Alternation, LLkLookaheadStrategy, Option, Repetition } from "chevrotain";
import type { ILookaheadStrategy, IOrAlt, IToken } from "chevrotain";

import { findProduction, FirstSets } from "./first-sets.ts";
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
 * that the parser never compares paths of tokens.
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
function entry(this: Reader): number {
  const first = this.LA_FAST(1).tokenTypeIdx;
  if (isWord[first] === true) {
    const second = this.LA_FAST(2).tokenTypeIdx;
    if (second === Colon.tokenTypeIdx) return entryAlternatives.setting;
    if (second === Equals.tokenTypeIdx && entryStarts[first] === undefined) {
      return entryAlternatives.assignment;
    }
  }
  return entryStarts[first] ?? entryAlternatives.action;
}

function argument(this: Reader): number {
  const first = this.LA_FAST(1).tokenTypeIdx;
  if (isWord[first] === true) {
    const second = this.LA_FAST(2).tokenTypeIdx;
    if (second === Colon.tokenTypeIdx) return argumentAlternatives.named;
    if (first === Identifier.tokenTypeIdx) {
      if (second === Equals.tokenTypeIdx) return argumentAlternatives.named;
      if (second === FatArrow.tokenTypeIdx) return argumentAlternatives.lambda;
    }
  }
  return argumentAlternatives.plain;
}

function recordEntry(this: Reader): number | undefined {
  const first = this.LA_FAST(1).tokenTypeIdx;
  if (first === Ellipsis.tokenTypeIdx) return recordAlternatives.spread;
  if (first === Text.tokenTypeIdx) return recordAlternatives.quoted;
  const second = this.LA_FAST(2).tokenTypeIdx;
  if (second === Colon.tokenTypeIdx || second === Equals.tokenTypeIdx) {
    return recordAlternatives.field;
  }
  return isWord[first] === true ? recordAlternatives.short : undefined;
}

/** In an arm `else` may also start the next arm. */
function elseBranch(this: Reader): boolean {
  return (
    this.LA_FAST(1).tokenTypeIdx === Else.tokenTypeIdx &&
    this.LA_FAST(2).tokenTypeIdx !== FatArrow.tokenTypeIdx
  );
}

type AlternationOptions = Parameters<ILookaheadStrategy["buildLookaheadForAlternation"]>[0];
type OptionalOptions = Parameters<ILookaheadStrategy["buildLookaheadForOptional"]>[0];

/** What the parser has for looking at a token without checking for the end, where sentinels stand. */
interface Reader {
  LA_FAST(distance: number): IToken;
}

class Lookahead extends LLkLookaheadStrategy implements ILookaheadStrategy {
  readonly #firsts = new FirstSets();

  override buildLookaheadForAlternation({
    rule,
    prodOccurrence,
  }: AlternationOptions): (alternatives?: IOrAlt<unknown>[]) => number | undefined {
    if (prodOccurrence === 0) {
      const special = specials.get(rule.name);
      if (special !== undefined) return special;
    }
    const place = { type: Alternation, index: prodOccurrence };
    const alternatives = findProduction(rule.definition, place)?.definition ?? [];
    const choices: number[] = [];
    for (const [index, alternative] of alternatives.entries()) {
      for (const kind of this.#firsts.of(alternative).kinds) choices[kind] ??= index;
    }
    return function choose(this: Reader): number | undefined {
      return choices[this.LA_FAST(1).tokenTypeIdx];
    };
  }

  override buildLookaheadForOptional({
    rule,
    prodOccurrence,
    prodType,
  }: OptionalOptions): () => boolean {
    if (rule.name === "ifAction" && prodType === "Option") return elseBranch;
    const type: typeof Option | typeof Repetition = prodType === "Option" ? Option : Repetition;
    const production = findProduction<Option | Repetition>(rule.definition, {
      type,
      index: prodOccurrence,
    });
    const enters: boolean[] = [];
    for (const kind of this.#firsts.ofSequence(production?.definition ?? []).kinds)
      enters[kind] = true;
    return function mayEnter(this: Reader): boolean {
      return enters[this.LA_FAST(1).tokenTypeIdx] === true;
    };
  }
}

const specials: ReadonlyMap<string, () => number | undefined> = new Map([
  ["entry", entry],
  ["argument", argument],
  ["recordEntry", recordEntry],
]);

/** One for each parser, since it knows the parser's rules. */
export function createLookahead(): ILookaheadStrategy {
  return new Lookahead({ maxLookahead: 1 });
}
