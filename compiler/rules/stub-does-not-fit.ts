import { innermost } from "../flow/innermost.ts";
import { callable } from "../flow/uses.ts";
import { follow, shortEntry, writtenList, writtenRecord, writtenSetting } from "../flow/written.ts";
import type { Written } from "../flow/written.ts";
import { spanOf } from "../names/reporter.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Expression } from "../syntax/tree.ts";
import type { CheckedProgram } from "../types/checked.ts";
import { describe } from "../types/describe.ts";
import { mismatch } from "../types/mismatch.ts";
import type { Mismatch } from "../types/mismatch.ts";
import type { Type } from "../types/type.ts";
import { typeText } from "../types/type-text.ts";
import { rolesOf } from "./roles-of.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF8003: a stub stands in for somebody, so it gives what they would give. */
export const stubDoesNotFit: Rule = (context) => {
  const { program, module } = context;
  for (const test of context.tests) {
    if (context.isFaulty(test)) continue;
    const written = writtenSetting(program, module.settingsOf(test.block).get("stub"));
    for (const [key, stub] of (written === null ? null : writtenRecord(program, written)) ?? []) {
      const symbol = module.names.get(key);
      const returns =
        symbol === undefined ? undefined : callable(program, symbol)?.signature.returns;
      if (symbol !== undefined && returns !== undefined)
        checkStub({ stub, symbol, returns }, context);
    }
  }
};

interface Stub {
  readonly stub: Written;
  readonly symbol: GlobalSymbol;
  readonly returns: Type;
}

function checkStub({ stub, symbol, returns }: Stub, context: RuleContext): void {
  const { program, module, report } = context;
  const empty = emptySequence(program, stub);
  if (empty !== null) {
    report({
      code: "AF8003",
      at: empty.module.file === module.file ? empty.expression : stub.expression,
      message: `the stub of \`${symbol.name}\` has no answer: its \`sequence\` is empty`,
      related: declaredAt(program, symbol),
      help: "write the answers it gives, one after the other; the last one is given to all further calls",
    });
    return;
  }
  for (const value of valuesOf(program, stub)) {
    const found = mismatch(rolesOf(program), value.module.typeOf(value.expression), returns);
    if (found === null) continue;
    const here = value.module.file === module.file;
    report({
      code: "AF8003",
      at: here ? partAt(program, value, found.path) : stub.expression,
      message: `${reasonOf(found, symbol)}`,
      label: here ? describe(found.source) : undefined,
      related: declaredAt(program, symbol),
      help: `give a value of type \`${typeText(returns)}\`, or \`fail("code")\` for a failure`,
    });
    return;
  }
}

function emptySequence(program: CheckedProgram, stub: Written): Written | null {
  const expression = innermost(stub.expression);
  const call = expression.kind === "call" ? stub.module.callOf(expression) : undefined;
  if (call?.callee.kind !== "test") return null;
  const value = call.node.args.at(-1)?.value;
  if (value === undefined) return null;
  const inner: Written = { expression: value, module: stub.module };
  if (call.callee.name !== "sequence") return emptySequence(program, inner);
  return writtenList(program, inner)?.length === 0 ? inner : null;
}

/** The values a stub gives: through `sequence`, `costs`, `slow`; a failure gives none. */
function valuesOf(program: CheckedProgram, stub: Written): readonly Written[] {
  const expression = innermost(stub.expression);
  const call = expression.kind === "call" ? stub.module.callOf(expression) : undefined;
  if (call?.callee.kind === "action") return [];
  if (call?.callee.kind !== "test") return [stub];
  const value =
    call.args.find(({ parameter }) => parameter.name === "value" || parameter.name === "values")
      ?.node?.value ?? call.node.args.at(-1)?.value;
  if (value === undefined) return [];
  const inner: Written = { expression: value, module: stub.module };
  if (call.callee.name !== "sequence") return valuesOf(program, inner);
  return (writtenList(program, inner) ?? []).flatMap((item) => valuesOf(program, item));
}

function reasonOf({ kind, path, field, target }: Mismatch, symbol: GlobalSymbol): string {
  const where =
    path.length === 0
      ? `the stub of \`${symbol.name}\``
      : `\`${path.join(".").replaceAll(".[]", "[]")}\` in the stub of \`${symbol.name}\``;
  if (kind === "missing") return `${where} lacks the field \`${field ?? ""}\``;
  if (kind === "extra")
    return `${where} has a field \`${field ?? ""}\` that \`${symbol.name}\` does not return`;
  return `${where} must be ${describe(target)}, as \`${symbol.name}\` returns it`;
}

function declaredAt(program: CheckedProgram, symbol: GlobalSymbol) {
  const declaration = callable(program, symbol);
  return declaration === null
    ? []
    : [
        {
          span: spanOf(symbol.file, declaration.node.name),
          message: `\`${symbol.name}\` is declared here`,
        },
      ];
}

/** The part of a literal that a path leads to, as far as it is written out. */
function partAt(program: CheckedProgram, value: Written, path: readonly string[]): Expression {
  const { expression, module } = follow(program, value);
  const [step, ...rest] = path;
  if (module !== value.module) return value.expression;
  if (step === undefined || expression.kind !== "record") return value.expression;
  for (const entry of expression.entries) {
    if (entry.kind !== "recordField" || entry.key.text !== step) continue;
    return partAt(program, { expression: entry.value ?? shortEntry(entry.key), module }, rest);
  }
  return value.expression;
}
