import { callsOf } from "../flow/calls.ts";
import { entriesIn } from "../flow/entries-in.ts";
import type { Expression } from "../syntax/tree.ts";
import type { Type } from "../types/type.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF6003: arguments and outputs are kept in the history of a run, where a secret must not stand. */
export const secretInHistory: Rule = (context) => {
  const { module, flows } = context;
  for (const flow of flows) {
    for (const { call } of callsOf(module, flow)) {
      for (const { node } of call.args) {
        if (node !== null) checkValue(node.value, "an argument", context);
      }
    }
    entriesIn(flow.node.block, (entry) => {
      if (entry.kind !== "setting" || entry.key.text !== "output") return;
      if (entry.value.kind === "invoke") checkValue(entry.value.expression, "an output", context);
    });
  }
};

function checkValue(value: Expression, what: string, { module, report }: RuleContext): void {
  if (!holdsSecret(module.typeOf(value), new Set())) return;
  report({
    code: "AF6003",
    at: value,
    message: `this secret would leave: ${what} is kept in the history of the run`,
    help: "read it where it is needed: in `auth`, `headers` or `secrets` of the tool, or `apiKey` of the model",
  });
}

function holdsSecret(type: Type, seen: Set<Type>): boolean {
  switch (type.kind) {
    case "secret":
      return true;
    case "optional":
      return holdsSecret(type.inner, seen);
    case "list":
      return holdsSecret(type.item, seen);
    case "record":
      if (seen.has(type)) return false;
      seen.add(type);
      return [...type.fields.values()].some((field) => holdsSecret(field.type, seen));
    default:
      return false;
  }
}
