import { Alternation, Alternative, NonTerminal, Option, Repetition, Terminal } from "chevrotain";
import type { IProduction, Rule } from "chevrotain";

/** The kinds of tokens that something in the grammar may start with, by their numbers. */
export interface FirstSet {
  readonly kinds: ReadonlySet<number>;
  /** Can it be empty? */
  readonly nullable: boolean;
}

/**
 * Computes first sets, each rule once. Chevrotain's own analysis enumerates paths of tokens for every single choice,
 * which takes several times as long, and this runs at every start of the program.
 */
export class FirstSets {
  readonly #rules = new Map<Rule, FirstSet>();

  ofSequence(productions: readonly IProduction[]): FirstSet {
    const kinds = new Set<number>();
    for (const production of productions) {
      const first = this.of(production);
      for (const kind of first.kinds) kinds.add(kind);
      if (!first.nullable) return { kinds, nullable: false };
    }
    return { kinds, nullable: true };
  }

  of(production: IProduction): FirstSet {
    if (production instanceof Terminal) {
      const { tokenTypeIdx = 0, categoryMatches = [] } = production.terminalType;
      return { kinds: new Set([tokenTypeIdx, ...categoryMatches]), nullable: false };
    }
    if (production instanceof NonTerminal) return this.#ofRule(production.referencedRule);
    if (production instanceof Alternative) return this.ofSequence(production.definition);
    if (production instanceof Alternation) return this.#ofAny(production.definition);
    if (production instanceof Option || production instanceof Repetition) {
      return { ...this.ofSequence(production.definition), nullable: true };
    }
    throw new Error(`the grammar uses ${production.constructor.name}, which has no first set here`);
  }

  #ofRule(rule: Rule): FirstSet {
    const known = this.#rules.get(rule);
    if (known !== undefined) return known;
    const first = this.ofSequence(rule.definition);
    this.#rules.set(rule, first);
    return first;
  }

  #ofAny(alternatives: readonly IProduction[]): FirstSet {
    const firsts = alternatives.map((alternative) => this.of(alternative));
    return {
      kinds: new Set(firsts.flatMap(({ kinds }) => [...kinds])),
      nullable: firsts.some(({ nullable }) => nullable),
    };
  }
}

/** Finds the choice of a rule by its kind and number. */
export function findProduction<T extends Alternation | Option | Repetition>(
  productions: readonly IProduction[],
  { type, index }: { type: abstract new (...args: never[]) => T; index: number },
): T | null {
  for (const production of productions) {
    if (production instanceof type && production.idx === index) return production;
    if (!("definition" in production)) continue;
    if (production instanceof NonTerminal) continue;
    const inner = production.definition as readonly IProduction[];
    const found = findProduction(inner, { type, index });
    if (found !== null) return found;
  }
  return null;
}
