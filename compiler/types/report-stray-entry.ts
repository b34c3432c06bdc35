import { insert } from "../names/reporter.ts";
import type { Entry, Setting, Spread } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import type { Owner } from "./setting-owner.ts";
import { ownerTexts, settingsFor } from "./settings-table.ts";

type Stray = Exclude<Entry, Setting | Spread>;

const words: Readonly<Record<Stray["kind"], string>> = {
  on: "`on`",
  state: "`state`",
  step: "a step",
  let: "a `let`",
  expect: "`expect`",
  action: "an action",
};

/** Something else than a setting in a block that holds settings only. */
export function reportStrayEntry(c: Checker, entry: Stray, owner: Owner): void {
  const what = owner.text ?? ownerTexts[owner.kind];
  if (entry.kind === "action" && entry.action.kind === "invoke") {
    const { expression } = entry.action;
    if (expression.kind === "errorExpression") return;
    if (expression.kind === "name" && reportName(c, expression.name, what, owner)) return;
  }
  c.report({
    code: "AF2003",
    at: placeOf(c, entry),
    message: `${what} holds settings only, and this is ${words[entry.kind]}`,
    help:
      entry.kind === "step" || entry.kind === "action"
        ? "steps stand in flows; a setting is written `key: value`"
        : "move it out of this block",
  });
}

/** A plain name is a setting without its colon, or a spread without its dots. */
function reportName(
  c: Checker,
  name: { readonly text: string; readonly start: number; readonly end: number },
  what: string,
  owner: Owner,
): boolean {
  if (settingsFor(owner.kind).has(name.text)) {
    c.report({
      code: "AF2003",
      at: name,
      message: `the setting \`${name.text}\` of ${what} has no value`,
      help: `write \`${name.text}: value\``,
      fixes: [{ title: "write `:`", edits: [insert(c.file, name.end, ":")], safe: false }],
    });
    return true;
  }
  if (c.module.names.get(name.text)?.kind !== "let") return false;
  c.report({
    code: "AF2003",
    at: name,
    message: `${what} holds settings only, and \`${name.text}\` is a \`let\``,
    help: `to copy its entries, write \`...${name.text}\``,
    fixes: [
      {
        title: `write \`...${name.text}\``,
        edits: [insert(c.file, name.start, "...")],
        safe: true,
      },
    ],
  });
  return true;
}

function placeOf(c: Checker, entry: Stray): { readonly start: number; readonly end: number } {
  if ("name" in entry && entry.name.end > entry.name.start) return entry.name;
  if (entry.kind === "on") return entry.trigger;
  const line = c.sourceText.indexOf("\n", entry.start);
  return { start: entry.start, end: line === -1 ? entry.end : Math.min(entry.end, line) };
}
