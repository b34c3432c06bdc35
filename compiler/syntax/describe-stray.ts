import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { openingOf } from "./brackets.ts";
import { formOf } from "./expectations.ts";
import { adviceFor } from "./foreign-words.ts";
import { printKind, printToken } from "./print-token.ts";
import { spellingOf } from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";

interface Stray {
  readonly file: string;
  readonly text: string;
  readonly tokens: readonly Token[];
}

/** What the tokens turned out to be: a declaration without its keyword, entries without a head, or nothing. */
export type Reading =
  | { readonly kind: "keyword"; readonly keyword: TokenKind }
  /** Something stands in the place of the keyword. */
  | { readonly kind: "other"; readonly keyword: TokenKind }
  | { readonly kind: "entries" }
  | { readonly kind: "nothing" };

const everyDeclaration =
  "every declaration starts with its kind: `import`, `let`, `type`, `config`, `role`, `model`, `agent`, `tool`, `flow` or `test`";

/** Says what is wrong with tokens at the top of a file that start no declaration. */
export function describeStray({ file, text, tokens }: Stray, reading: Reading): Diagnostic {
  const first = tokens[0]!;
  const span = { file, start: first.start, end: first.end };
  const base = {
    code: "AF1002" as const,
    severity: "error" as const,
    span,
    help: everyDeclaration,
  };
  const written = printToken(text, first);
  switch (reading.kind) {
    case "keyword": {
      const { keyword } = reading;
      const word = spellingOf(keyword) ?? "";
      const at = { file, start: first.start, end: first.start };
      return {
        ...base,
        message: `${printKind(keyword)} is missing before ${written}`,
        help: `${everyDeclaration}; ${formOf(`${word}Declaration`)}`,
        fixes: [
          { title: `write \`${word}\``, edits: [{ span: at, text: `${word} ` }], safe: false },
        ],
      };
    }
    case "other":
      return {
        ...base,
        help: adviceFor([first]) ?? everyDeclaration,
        message: `I expected the kind of a declaration here, such as ${printKind(reading.keyword)}, but found ${written}`,
      };
    case "entries":
      return {
        ...base,
        message: `${written} belongs to no declaration: the line that opens its block is missing`,
        help: "steps and settings stand in a block, such as `flow name(param: type) -> type { … }`",
      };
    case "nothing": {
      const opener = openingOf(first);
      if (opener === undefined)
        return { ...base, message: `I expected a declaration here, but found ${written}` };
      const fix = { title: "remove it", edits: [{ span, text: "" }], safe: false };
      return {
        ...base,
        message: `this ${written} closes nothing: there is no ${printKind(opener)} before it that is still open`,
        help: `remove it, or write the ${printKind(opener)} that belongs to it`,
        fixes: [fix],
      };
    }
  }
}
