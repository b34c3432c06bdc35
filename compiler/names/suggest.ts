import { didYouMean } from "../../base/did-you-mean.ts";
import type { Fix } from "../diagnostics/diagnostic.ts";
import type { Node } from "../syntax/tree.ts";
import { replace } from "./reporter.ts";

export interface Suggestion {
  readonly names: readonly string[];
  /** "did you mean `a`, `b` or `c`?"; undefined when nothing is near. */
  readonly help: string | undefined;
  readonly fixes: readonly Fix[];
}

export interface SuggestOptions {
  readonly file: string;
  readonly at: Node;
  readonly written: string;
  /** Names that would be right here. */
  readonly candidates: Iterable<string>;
  /** How a candidate is written in the text, if not as it is. */
  readonly spell?: (name: string) => string;
}

/** The nearest names as help and as fixes. */
export function suggest({
  file,
  at,
  written,
  candidates,
  spell = String,
}: SuggestOptions): Suggestion {
  const names = didYouMean(written, candidates);
  return {
    names,
    help:
      names.length === 0
        ? undefined
        : `did you mean ${oneOf(names.map((name) => `\`${spell(name)}\``))}?`,
    fixes: names.map((name) => ({
      title: `write \`${spell(name)}\``,
      edits: [replace(file, at, spell(name))],
      safe: false,
    })),
  };
}

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(items: readonly string[], word = "or"): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} ${word} ${items.at(-1)}`;
}

/** The first few items, and how many more there are. */
export function someOf(items: readonly string[], most = 8, word = "and"): string {
  if (items.length <= most) return oneOf(items, word);
  return `${items.slice(0, most - 1).join(", ")} and ${items.length - most + 1} more`;
}

/** "an agent", "a tool". */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/u.test(noun) ? "an" : "a"} ${noun}`;
}
