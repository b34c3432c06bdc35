import type { Diagnostic, Fix, Span } from "../diagnostics/diagnostic.ts";
import { isBlank, isDigit, isLineBreak, isWordPart, isWordStart } from "./characters.ts";
import type { Scanner } from "./scanner.ts";
import { Identifier, Token } from "./tokens.ts";

/** What people type, or paste from documents, and what they mean by it. */
const lookalikes: ReadonlyMap<string, string> = new Map([
  ["&", "&&"],
  ["“", '"'],
  ["”", '"'],
  ["„", '"'],
  ["«", '"'],
  ["»", '"'],
  ["–", "-"],
  ["—", "-"],
  ["−", "-"],
  ["→", "->"],
  ["⇒", "=>"],
  ["≤", "<="],
  ["≥", ">="],
  ["≠", "!="],
  ["×", "*"],
  ["÷", "/"],
  ["…", "..."],
  ["；", ";"],
  ["：", ":"],
  ["，", ","],
  ["（", "("],
  ["）", ")"],
  ["\u00a0", " "],
  ["\u200b", ""],
  ["\ufeff", ""],
]);

const letter = /\p{L}|\p{M}/u;

/**
 * Reads a name that holds letters other than `a`–`z`, reports it, and takes it as a name all the same.
 * False if there is no such name at `start`.
 */
export function foreignName(scanner: Scanner, start: number): boolean {
  const { text, file, end } = scanner;
  let stop = start;
  while (stop < end) {
    const code = text.codePointAt(stop) ?? 0;
    const character = String.fromCodePoint(code);
    if (!(code < 128 ? isWordPart(code) : letter.test(character))) break;
    stop += character.length;
  }
  const name = text.slice(start, stop);
  if (name === "" || !/[^\0-\x7f]/.test(name)) return false;
  scanner.diagnostics.push({
    code: "AF1001",
    severity: "error",
    message: `the name \`${name}\` holds a letter that names may not hold`,
    span: { file, start, end: stop },
    help: "names are made of `a`–`z`, `A`–`Z`, digits and `_`; any letter may stand in a text",
  });
  scanner.push(new Token(Identifier, start, stop, name));
  return true;
}

/** Reports a run of characters that mean nothing, as one fault, and gives its end. */
export function badCharacters(scanner: Scanner): number {
  const { file, text, position: start, end } = scanner;
  let stop = start;
  while (stop < end && isBad(text.charCodeAt(stop))) stop += 1;
  if (stop === start) stop += 1;
  scanner.diagnostics.push(describe(text.slice(start, stop), { file, start, end: stop }));
  return stop;
}

/** Everything but what the scanner knows how to start a token with. */
function isBad(code: number): boolean {
  if (code > 127) return true;
  if (isBlank(code) || isLineBreak(code) || isWordStart(code) || isDigit(code)) return false;
  return !"\"'`${}()[],:;.=?|!-+*/<>#".includes(String.fromCharCode(code));
}

function describe(written: string, span: Span): Diagnostic {
  const meant = lookalikes.get(written);
  if (meant === undefined) {
    return {
      code: "AF1001",
      severity: "error",
      message: `${printCharacters(written)} ${written.length > 1 ? "mean" : "means"} nothing here`,
      span,
      help:
        written === "€" || written === "£"
          ? "money is in US dollars: `$2.50`"
          : written === "%"
            ? "there is no operator for remainders; a percentage such as `50%` is a number with the sign behind it"
            : 'remove it, or put it between `"` quotes if it belongs to a text',
    };
  }
  const fix: Fix = {
    title: meant === "" ? "remove it" : `write \`${meant}\``,
    edits: [{ span, text: meant }],
    safe: true,
  };
  return {
    code: "AF1001",
    severity: "error",
    message:
      written === "&"
        ? "conditions are joined with `&&`, not with `&`"
        : `${printCharacters(written)} looks like \`${meant}\` but is another character`,
    span,
    help:
      written === "&"
        ? "there are no operations on bits"
        : "it may have come from a word processor or a web page",
    fixes: [fix],
  };
}

function printCharacters(written: string): string {
  if (/^[\x21-\x7e]+$/.test(written)) return `\`${written}\``;
  const code = written.codePointAt(0) ?? 0;
  const number = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  if (String.fromCodePoint(code).length < written.length)
    return `these characters (from ${number} on)`;
  return /^[\p{L}\p{P}\p{S}]$/u.test(written)
    ? `\`${written}\` (${number})`
    : `the character ${number}`;
}
