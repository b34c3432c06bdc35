import type { Binding, Scope } from "../names/scope.ts";
import { inOrderOfNeed, mentionedNames } from "../names/mentioned-names.ts";
import type { LocalSymbol, Symbol } from "../names/symbol.ts";
import type { Action, Expression } from "../syntax/tree.ts";
import { blockTypeIn, actionType } from "./action-type.ts";
import { forScope, repeatScope } from "./block-scope.ts";
import { errorRecord, eventRecord, runRecord } from "./built-in-types.ts";
import type { Checker } from "./checker.ts";
import { optional } from "./substitute.ts";
import type { TypeScope } from "./resolve-type.ts";
import { errorType } from "./type.ts";
import type { Type } from "./type.ts";

/** Type parameters that can be used in types at a place. */
export function typeScopeOf(c: Checker, scope: Scope): TypeScope {
  const symbol =
    scope.flow === null ? undefined : c.module.facts.declared.get(scope.flow.name.text)?.symbol;
  const declaration = symbol === undefined ? undefined : c.world.declaration(symbol);
  if (declaration?.kind !== "flow" || declaration.signature.typeParams.length === 0)
    return noParams;
  return new Map(declaration.signature.typeParams.map((param) => [param.name, param]));
}

const noParams: TypeScope = new Map();

/** A callable that is only named gives nothing; that is told at the step. */
function stepType(type: Type, action: Action): Type {
  return type.kind === "callable" && action.kind === "invoke" && action.expression.kind === "name"
    ? errorType
    : type;
}

/** Fewer names than this cannot make a chain that is too deep for recursion. */
const longChain = 200;

/** What the type of a name is worked out from; undefined if that needs no other names. */
function valueNode(symbol: Symbol): Expression | Action | undefined {
  if (symbol.scope !== "local") return undefined;
  if (symbol.kind === "let" && symbol.node.type === null) return symbol.node.value;
  if (symbol.kind !== "step" || symbol.node.type !== null) return undefined;
  const { action } = symbol.node;
  return action.kind === "invoke" ? undefined : action;
}

/** Types of names, each computed when first asked for; a name that needs itself is reported. */
export class BindingTypes {
  readonly #c: Checker;
  readonly #stack: Binding[] = [];

  constructor(c: Checker) {
    this.#c = c;
  }

  typeOf(binding: Binding): Type {
    const { symbolTypes } = this.#c.results;
    const kept = symbolTypes.get(binding.symbol);
    if (kept !== undefined) return kept;
    const start = this.#stack.findIndex(({ symbol }) => symbol === binding.symbol);
    if (start >= 0) return this.#circle(this.#stack.slice(start));
    if (this.#stack.length === 0 && binding.scope.size > longChain) this.#prepare(binding);
    return this.#evaluate(binding);
  }

  /** Lets that build on one another in a long chain are worked out from its far end. */
  #prepare(binding: Binding): void {
    const { symbolTypes } = this.#c.results;
    const needsOf = ({ symbol, scope }: Binding): Binding[] => {
      const root = valueNode(symbol);
      if (root === undefined) return [];
      return [...mentionedNames(root)].flatMap((name) => {
        const need = scope.lookUp(name);
        return need === undefined ||
          symbolTypes.has(need.symbol) ||
          valueNode(need.symbol) === undefined
          ? []
          : [need];
      });
    };
    for (const need of inOrderOfNeed(binding, needsOf)) {
      if (need !== binding && !symbolTypes.has(need.symbol)) this.#evaluate(need);
    }
  }

  #evaluate(binding: Binding): Type {
    const { symbolTypes } = this.#c.results;
    const kept = symbolTypes.get(binding.symbol);
    if (kept !== undefined) return kept;
    this.#stack.push(binding);
    const type = this.#c.isSilent ? this.#loudly(binding) : this.#compute(binding);
    this.#stack.pop();
    const own = symbolTypes.get(binding.symbol) ?? type;
    symbolTypes.set(binding.symbol, own);
    return own;
  }

  /** A method of its own, because a function that holds another one costs more each time it is called. */
  #loudly(binding: Binding): Type {
    return this.#c.loudly(() => this.#compute(binding));
  }

  #compute({ symbol, scope }: Binding): Type {
    const c = this.#c;
    if (symbol.scope === "local") return this.#local(symbol, scope);
    if (symbol.scope !== "context") return errorType;
    switch (symbol.kind) {
      case "previous":
        return optional(blockTypeIn(c, symbol.node.block, repeatScope(c, symbol.node, scope)));
      case "upstream":
        return {
          kind: "list",
          item: blockTypeIn(c, symbol.node.block, forScope(c, symbol.node, scope)),
          min: null,
          max: null,
        };
      case "error":
        return errorRecord;
      case "event":
        return eventRecord(symbol.node.kind === "on" ? symbol.node.trigger.text : "event");
      case "run":
        return runRecord;
      default:
        return errorType;
    }
  }

  #local(symbol: LocalSymbol, scope: Scope): Type {
    const c = this.#c;
    switch (symbol.kind) {
      case "step":
        if (symbol.node.type !== null)
          return c.resolveType(symbol.node.type, typeScopeOf(c, scope));
        return stepType(actionType(c, symbol.node.action, scope), symbol.node.action);
      case "let":
        if (symbol.node.type !== null)
          return c.resolveType(symbol.node.type, typeScopeOf(c, scope));
        return c.infer(symbol.node.value, scope);
      case "state":
        return c.resolveType(symbol.node.type, typeScopeOf(c, scope));
      case "item": {
        const list = c.infer(symbol.node.list, scope);
        return list.kind === "list" ? list.item : list.kind === "json" ? list : errorType;
      }
      default:
        return errorType;
    }
  }

  /** Through `previous` a type would need itself; every other circle is one of steps and told as such. */
  #circle(circle: readonly Binding[]): Type {
    const throughPrevious = circle.some(
      ({ symbol }) => symbol.kind === "previous" || symbol.kind === "upstream",
    );
    const named =
      circle.find(({ symbol }) => symbol.kind === "let") ??
      circle.find(({ symbol }) => symbol.kind === "step");
    if (!throughPrevious || named === undefined || named.at === null) return errorType;
    this.#c.results.symbolTypes.set(named.symbol, errorType);
    this.#c.report({
      code: "AF3010",
      at: named.at,
      message: `the type of \`${named.symbol.name}\` depends on itself, through \`${circle.find(({ symbol }) => symbol.kind === "previous" || symbol.kind === "upstream")?.symbol.name ?? "previous"}\``,
      help: `write its type: \`${named.symbol.kind} ${named.symbol.name}: … = …\``,
    });
    return errorType;
  }
}
