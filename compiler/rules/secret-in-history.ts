import { flowGraph } from "../flow/flow-graph.ts";
import type { Expression } from "../syntax/tree.ts";
import type { Type } from "../types/type.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF6003: arguments and outputs are kept in the history of a run, where a secret must not stand. */
export const secretInHistory: Rule = (context) => {
  const { module, flows } = context;
  for (const flow of flows) {
    const { calls, blocks } = flowGraph(module, flow);
    for (const { call } of calls) {
      for (const { node } of call.args) {
        if (node !== null) checkValue(node.value, "an argument", context);
      }
    }
    for (const { node } of blocks) {
      if (node.kind !== "block") continue;
      for (const entry of node.entries) {
        if (entry.kind !== "setting" || entry.key.text !== "output") continue;
        if (entry.value.kind === "invoke") checkValue(entry.value.expression, "an output", context);
      }
    }
  }
};

function checkValue(value: Expression, what: string, { module, report }: RuleContext): void {
  if (!holdsSecret(module.typeOf(value))) return;
  report({
    code: "AF6003",
    at: value,
    message: `this secret would leave: ${what} is kept in the history of the run`,
    help: "read it where it is needed: in `auth`, `headers` or `secrets` of the tool, or `apiKey` of the model",
  });
}

const known = new WeakMap<Type, boolean>();

/** Types of no more parts are looked through again: most are asked about once, and would stay in memory. */
const few = 16;

function holdsSecret(type: Type): boolean {
  switch (type.kind) {
    case "secret":
      return true;
    case "optional":
    case "list":
    case "record": {
      return known.get(type) ?? findsSecret(type);
    }
    default:
      return false;
  }
}

function hasParts({ kind }: Type): boolean {
  return kind === "optional" || kind === "list" || kind === "record";
}

/** Types may refer to themselves, and to others in chains of any length. */
function findsSecret(type: Type): boolean {
  const seen = new Set<Type>([type]);
  let isFound = false;
  const visit = (part: Type): void => {
    if (part.kind === "secret") isFound = true;
    else if (hasParts(part) && known.get(part) !== false) seen.add(part);
  };
  // A set visits what is added while it is walked.
  for (const one of seen) {
    if (one.kind === "optional") visit(one.inner);
    else if (one.kind === "list") visit(one.item);
    else if (one.kind === "record") for (const field of one.fields.values()) visit(field.type);
    if (isFound) break;
  }
  if (seen.size > few) known.set(type, isFound);
  return isFound;
}
