import type { Label } from "../diagnostics/diagnostic.ts";
import { spanOf } from "../names/reporter.ts";
import { reservedMeaning } from "../names/reserved.ts";
import type { Binding, Scope } from "../names/scope.ts";
import type { LocalSymbol } from "../names/symbol.ts";
import type { Name } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";

/**
 * Makes a local name known in `scope`, and reports one that hides another. That steps, lets and states are
 * unique in their flow is `reportRepeatedNames`' part.
 */
export function declareLocal(
  c: Checker,
  scope: Scope,
  symbol: LocalSymbol,
  at: Name,
  owner: Scope = scope,
): void {
  if (at.text === "") return;
  const hidden = scope.lookUp(at.text);
  const bothInFlow = hidden !== undefined && isFlowName(hidden) && isFlowName({ symbol });
  if (!bothInFlow) reportHidden(c, at, symbol, hidden);
  scope.declare(at.text, { kind: "binding", symbol, scope: owner, at });
  c.results.symbols.set(at, symbol);
}

function isFlowName({ symbol }: Pick<Binding, "symbol">): boolean {
  return (
    symbol.scope === "local" &&
    (symbol.kind === "step" || symbol.kind === "let" || symbol.kind === "state")
  );
}

const kinds: Readonly<Record<LocalSymbol["kind"], string>> = {
  parameter: "parameter",
  typeParameter: "type parameter",
  step: "step",
  let: "`let`",
  state: "state",
  item: "loop variable",
  lambda: "variable",
};

function reportHidden(
  c: Checker,
  at: Name,
  symbol: LocalSymbol,
  hidden: Binding | undefined,
): void {
  const global = c.module.names.get(at.text);
  const reserved = reservedMeaning(at.text, symbol.kind === "typeParameter");
  if (hidden === undefined && global === undefined && reserved === undefined) return;
  const what = `this ${kinds[symbol.kind]}`;
  const related: Label[] = [];
  let message = `\`${at.text}\` is the name of ${reserved ?? ""}, so ${what} cannot have it`;
  if (hidden !== undefined && hidden.symbol.scope === "local") {
    message = `\`${at.text}\` is already the name of a ${kinds[hidden.symbol.kind]} that can be seen here`;
    if (hidden.at !== null)
      related.push({ span: spanOf(c.file, hidden.at), message: "the other one" });
  } else if (global !== undefined) {
    const node = c.world.modules.get(global.file)?.facts.declared.get(global.name)?.node;
    message = `\`${at.text}\` is already the name of ${/^[aeiou]/u.test(global.kind) ? "an" : "a"} ${global.kind} of this file`;
    if (node !== undefined && global.file === c.file)
      related.push({ span: spanOf(c.file, node.name), message: "the other one" });
  }
  c.report({
    code: "AF2002",
    at,
    message,
    related,
    help: "give one of the two another name: a name means one thing wherever it can be seen",
  });
}
