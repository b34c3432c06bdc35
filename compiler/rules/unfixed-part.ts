import { constantOf, follow, writtenList, writtenRecord } from "../flow/written.ts";
import type { Written } from "../flow/written.ts";
import type { Expression, Name } from "../syntax/tree.ts";
import type { CheckedProgram } from "../types/checked.ts";

/** The first part of a value that is no constant; null if the whole is one. */
export function variablePart(program: CheckedProgram, written: Written): Written | null {
  if (constantOf(program, written) !== undefined) return null;
  const { expression, module } = follow(program, written);
  const parts = partsOf(program, { expression, module });
  for (const part of parts) {
    const found = variablePart(program, part);
    if (found !== null) return found;
  }
  return { expression, module };
}

function partsOf(program: CheckedProgram, written: Written): Iterable<Written> {
  const { expression, module } = written;
  switch (expression.kind) {
    case "record":
      return writtenRecord(program, written)?.values() ?? [unseenRecord(program, written)];
    case "listLiteral":
      return writtenList(program, written) ?? [];
    case "string":
      return expression.parts.flatMap((part) =>
        part.kind === "interpolation" ? [{ expression: part.expression, module }] : [],
      );
    case "unary":
      return [{ expression: expression.operand, module }];
    case "binary":
      return [expression.left, expression.right].map((of) => ({ expression: of, module }));
    case "conditional":
      return [expression.condition, expression.then, expression.else].map((of) => ({
        expression: of,
        module,
      }));
    default:
      return [];
  }
}

/** What hides the entries of a record: the whole, or the first spread that is not written out. */
export function unseenRecord(program: CheckedProgram, written: Written): Written {
  const { expression, module } = follow(program, written);
  const spreads = expression.kind === "record" ? expression.entries : [];
  for (const entry of spreads) {
    if (entry.kind !== "recordSpread") continue;
    const spread = { expression: entry.value, module };
    if (writtenRecord(program, spread) === null) return unseenRecord(program, spread);
  }
  return { expression, module };
}

/** The end of a sentence that begins with what is part of the plan. */
export function whyUnfixed({ expression, module }: Written): string {
  const base = rootOf(expression);
  if (base?.text === "config") return "and `config` has its values only when a process starts";
  const symbol = base === null ? undefined : module.symbolOf(base);
  if (base !== null && (symbol?.scope === "local" || symbol?.scope === "context"))
    return `and \`${base.text}\` is known only in a run`;
  return "so its value is a literal, or made of literals with `let`, arithmetic, conditions and `${…}`";
}

/** What to do about it. */
export function fixedHelp({ expression }: Written): string {
  return rootOf(expression)?.text === "config"
    ? "write the value here or in a `let`: a plan is made once, for all environments"
    : "write the value here, or a `let` of values that never change";
}

/** `order` of `order.items[0].id`. */
function rootOf(expression: Expression): Name | null {
  let at = expression;
  for (;;) {
    if (at.kind === "name") return at.name;
    if (at.kind === "fieldAccess" || at.kind === "index") at = at.object;
    else if (at.kind === "parenthesized") at = at.expression;
    else if (at.kind === "call") at = at.callee;
    else if (at.kind === "binary") at = at.left;
    else return null;
  }
}

export function isError({ expression, module }: Written): boolean {
  return module.typeOf(expression).kind === "error";
}
