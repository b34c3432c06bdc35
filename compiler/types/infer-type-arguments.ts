import type { Scope } from "../names/scope.ts";
import type { CallExpression } from "../syntax/tree.ts";
import type { Bound } from "./bind-arguments.ts";
import { calledText } from "./called.ts";
import type { Called } from "./called.ts";
import type { Checker } from "./checker.ts";
import { join } from "./join.ts";
import { knownType } from "./known-type.ts";
import { errorType } from "./type.ts";
import type { Type, TypeParameter } from "./type.ts";

export interface OpenCall {
  readonly node: CallExpression;
  readonly open: readonly TypeParameter[];
  readonly bound: Bound;
  readonly scope: Scope;
  readonly called: Called;
}

/** What the type parameters of a generic callee stand for in one call: its arguments tell. */
export function inferTypeArguments(c: Checker, call: OpenCall): ReadonlyMap<string, Type> {
  const found = new Map<string, Type>();
  const open = new Set(call.open.map((param) => param.id));
  for (const { parameter, node } of call.bound.args) {
    if (node === null) continue;
    unify(c, parameter.type, c.infer(node.value, call.scope), { open, found, seen: new Set() });
  }
  const unknown = call.open.filter((param) => !found.has(param.id));
  // A fault in the arguments has been told already.
  const silent =
    call.bound.loose.length > 0 ||
    call.bound.args.some(
      ({ node }) => node !== null && knownType(c.results, node.value)?.kind === "error",
    );
  const [first] = unknown;
  if (first !== undefined && !silent) {
    c.report({
      code: "AF3001",
      at: call.node.callee,
      message: `the arguments do not tell what \`${first.name}\` of ${calledText(c, call.called)} stands for`,
      help: "give a value whose type tells it",
    });
  }
  for (const param of unknown) found.set(param.id, errorType);
  return found;
}

interface Search {
  readonly open: ReadonlySet<string>;
  readonly found: Map<string, Type>;
  readonly seen: Set<Type>;
}

function unify(c: Checker, wanted: Type, given: Type, search: Search): void {
  switch (wanted.kind) {
    case "typeParameter": {
      if (!search.open.has(wanted.id)) return;
      const before = search.found.get(wanted.id);
      const joined = before === undefined ? given : join(c.world, before, given);
      // What does not join is told when the arguments are compared with the first one.
      search.found.set(wanted.id, joined ?? before ?? given);
      return;
    }
    case "optional":
      if (given.kind !== "null")
        unify(c, wanted.inner, given.kind === "optional" ? given.inner : given, search);
      return;
    case "list":
      if (given.kind === "list") unify(c, wanted.item, given.item, search);
      return;
    case "record":
      if (given.kind !== "record" || search.seen.has(wanted)) return;
      search.seen.add(wanted);
      for (const field of wanted.fields.values()) {
        const own = given.fields.get(field.name);
        if (own !== undefined) unify(c, field.type, own.type, search);
      }
      return;
    case "role": {
      const role =
        given.kind === "role"
          ? given
          : given.kind === "callable"
            ? c.world.roleOf(given.symbol)
            : undefined;
      if (role === undefined || role.role.id !== wanted.role.id) return;
      wanted.args.forEach((arg, index) => unify(c, arg, role.args[index] ?? errorType, search));
      return;
    }
    default:
  }
}
