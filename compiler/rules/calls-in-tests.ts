import type { TestFunction } from "../names/symbol.ts";
import type { CallExpression, TestDeclaration } from "../syntax/tree.ts";
import type { CheckedModule } from "../types/checked.ts";

/** Calls of one test function anywhere in a test. */
export function callsInTests(
  test: TestDeclaration,
  module: CheckedModule,
  name: TestFunction,
): readonly CallExpression[] {
  const calls: CallExpression[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (isCall(node)) {
      const callee = module.callOf(node)?.callee;
      if (callee?.kind === "test" && callee.name === name) calls.push(node);
    }
    for (const value of Object.values(node)) walk(value);
  };
  walk(test.block);
  return calls;
}

function isCall(node: object): node is CallExpression {
  return "kind" in node && node.kind === "call";
}
