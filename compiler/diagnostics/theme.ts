/** What a piece of printed text is, so that one place decides how it looks. */
export type Style =
  | "plain"
  | "error"
  | "warning"
  | "secondary"
  | "gutter"
  | "help"
  | "strong"
  | "added"
  | "removed";

export type Paint = (style: Style, text: string) => string;

/** SGR parameters of ECMA-48: bold is 1, colours are 31 to 36. */
const sgr: Readonly<Record<Exclude<Style, "plain">, string>> = {
  error: "1;31",
  warning: "1;33",
  secondary: "34",
  gutter: "34",
  help: "36",
  strong: "1",
  added: "32",
  removed: "31",
};

/** Paints for a terminal, or leaves the text alone. Whether a terminal wants colour is the caller's knowledge. */
export function theme(color: boolean): Paint {
  if (!color) return (_style, text) => text;
  return (style, text) =>
    style === "plain" || text === "" ? text : `\u001b[${sgr[style]}m${text}\u001b[0m`;
}
