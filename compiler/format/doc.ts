/**
 * Text with the places where it may break, after Wadler, "A prettier printer" (2003). Every node knows
 * whether it must break, so that a group is decided without looking through its content.
 */
export type Doc = string | Concat | Line | Group | Indent | IfBroken | Suffix;

interface Concat {
  readonly kind: "concat";
  readonly parts: readonly Doc[];
  readonly mustBreak: boolean;
}

/** Flat: a blank, or nothing if `soft`. Broken: a new line, with an empty one before it if `blank`. */
interface Line {
  readonly kind: "line";
  readonly soft: boolean;
  readonly blank: boolean;
  readonly mustBreak: boolean;
}

/** Breaks at all of its own lines or at none. */
interface Group {
  readonly kind: "group";
  readonly content: Doc;
  readonly mustBreak: boolean;
}

interface Indent {
  readonly kind: "indent";
  readonly content: Doc;
  readonly mustBreak: boolean;
}

interface IfBroken {
  readonly kind: "ifBroken";
  readonly broken: string;
  readonly flat: string;
  readonly mustBreak: false;
}

/** A comment behind code: it takes no room, so it never moves the code. A line break has to follow. */
interface Suffix {
  readonly kind: "suffix";
  readonly text: string;
  readonly mustBreak: false;
}

export const line: Doc = { kind: "line", soft: false, blank: false, mustBreak: false };
export const softLine: Doc = { kind: "line", soft: true, blank: false, mustBreak: false };
export const hardLine: Doc = { kind: "line", soft: false, blank: false, mustBreak: true };
/** Like `line`, and like `hardLine`, with an empty line before it where they break. */
export const blankLine: Doc = { kind: "line", soft: false, blank: true, mustBreak: false };
export const hardBlankLine: Doc = { kind: "line", soft: false, blank: true, mustBreak: true };

export function concat(parts: readonly Doc[]): Doc {
  return { kind: "concat", parts, mustBreak: parts.some(mustBreak) };
}

export function group(content: Doc): Doc {
  return { kind: "group", content, mustBreak: mustBreak(content) };
}

export function indent(content: Doc): Doc {
  return { kind: "indent", content, mustBreak: mustBreak(content) };
}

export function ifBroken(broken: string, flat = ""): Doc {
  return { kind: "ifBroken", broken, flat, mustBreak: false };
}

export function suffix(text: string): Doc {
  return { kind: "suffix", text, mustBreak: false };
}

export function join(separator: Doc, docs: readonly Doc[]): Doc {
  return concat(docs.flatMap((doc, index) => (index === 0 ? [doc] : [separator, doc])));
}

export function mustBreak(doc: Doc): boolean {
  return typeof doc !== "string" && doc.mustBreak;
}
