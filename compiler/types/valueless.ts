import { spanOf } from "../names/reporter.ts";
import type { Binding } from "../names/scope.ts";
import type { Action, Block, Entry, Name, Setting } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import { isSettingKey } from "./settings-table.ts";

/** Whether the name is a step whose block gives nothing out; told once a step, at the step. */
export function isValueless(c: Checker, { symbol, at }: Binding, use: Name): boolean {
  if (symbol.scope === "context" && symbol.kind === "previous")
    return reportBlock(
      c,
      symbol.node.block,
      { start: symbol.node.start, end: symbol.node.start + 6 },
      "this `repeat`",
      use,
    );
  if (
    symbol.scope !== "local" ||
    symbol.kind !== "step" ||
    symbol.node.type !== null ||
    at === null
  )
    return false;
  if (givesValue(symbol.node.action)) return false;
  report(c, symbol.node, at, `the step \`${symbol.name}\``, use);
  return true;
}

function reportBlock(
  c: Checker,
  block: Block,
  at: { start: number; end: number },
  what: string,
  use: Name,
): boolean {
  if (blockGivesValue(block)) return false;
  report(c, block, at, what, use);
  return true;
}

function report(
  c: Checker,
  node: { start: number; end: number },
  at: { start: number; end: number },
  what: string,
  use: Name,
): void {
  if (c.valueless.has(node)) return;
  c.valueless.add(node);
  c.report({
    code: "AF4007",
    at,
    message: `${what} gives no value, because its block has no \`output\``,
    related: [{ span: spanOf(c.file, use), message: "its value is used here" }],
    help: "add `output:` with the value to the block",
  });
}

/** An `if` or `match` gives a value if any branch does. */
function givesValue(action: Action): boolean {
  switch (action.kind) {
    case "invoke":
    case "race":
      return true;
    case "if":
      return (
        blockGivesValue(action.then) ||
        (action.else !== null &&
          (action.else.kind === "if" ? givesValue(action.else) : blockGivesValue(action.else)))
      );
    case "match":
      return (
        action.arms.length === 0 ||
        action.arms.some(({ body }) =>
          body.kind === "block" ? blockGivesValue(body) : givesValue(body),
        )
      );
    case "for":
      return blockGivesValue(action.block) || hasSetting(action.block, "tolerate");
    case "repeat":
      return blockGivesValue(action.block);
  }
}

/** A block that is empty, or holds what the parser could not read, is not judged. */
export function blockGivesValue(block: Block): boolean {
  return (
    hasSetting(block, "output") ||
    block.entries.some(isAction) ||
    !block.entries.some(isStep) ||
    misnamedOutput(block) !== undefined
  );
}

/** A setting that exists nowhere, in a block that lacks `output`: most likely that was meant, and it is reported already. */
export function misnamedOutput(block: Block): Setting | undefined {
  if (hasSetting(block, "output")) return undefined;
  for (const entry of block.entries)
    if (entry.kind === "setting" && entry.key.text !== "" && !isSettingKey(entry.key.text))
      return entry;
  return undefined;
}

function isAction({ kind }: Entry): boolean {
  return kind === "action";
}

function isStep({ kind }: Entry): boolean {
  return kind === "step";
}

function hasSetting(block: Block, key: string): boolean {
  for (const entry of block.entries)
    if (entry.kind === "spread" || (entry.kind === "setting" && entry.key.text === key))
      return true;
  return false;
}
