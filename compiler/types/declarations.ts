import type { Label } from "../diagnostics/diagnostic.ts";
import type { CallableDeclaration, NamedDeclaration } from "../names/file-facts.ts";
import { inOrderOfNeed, mentionedNames } from "../names/mentioned-names.ts";
import { spanOf } from "../names/reporter.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type {
  AgentDeclaration,
  Field,
  FlowDeclaration,
  LetDeclaration,
  ModelDeclaration,
  Name,
  RoleDeclaration,
  RoleHead,
  Signature as SignatureNode,
  ToolDeclaration,
} from "../syntax/tree.ts";
import type { CheckedCallable, CheckedDeclaration, ResolvedSetting } from "./checked.ts";
import type { Checker } from "./checker.ts";
import { mergeSettings, roleDefaults } from "./merge-settings.ts";
import { labelsOf } from "./resolve-type.ts";
import type { TypeScope } from "./resolve-type.ts";
import { substitute } from "./substitute.ts";
import { errorType, noLabels, nullType } from "./type.ts";
import type { Parameter, Signature, Type, TypeParameter } from "./type.ts";

/** What a declaration is, each part worked out when first asked for. `c` checks the file that declares it. */
export function declare(
  c: Checker,
  symbol: GlobalSymbol,
  node: NamedDeclaration,
): CheckedDeclaration {
  const doc = node.doc?.text ?? null;
  switch (node.kind) {
    case "agent":
    case "tool":
    case "flow":
      return new DeclaredCallable(c, symbol, node) as CheckedCallable;
    case "role":
      return new DeclaredRole(c, symbol, node);
    case "model":
      return new DeclaredModel(c, symbol, node);
    case "type": {
      const type = lazy(() => c.world.instantiate(symbol, typeParametersOf(symbol, node.params)));
      return {
        kind: "type",
        symbol,
        node,
        doc,
        get type() {
          return type();
        },
      };
    }
    case "let": {
      const type = lazy(() => letType(c, symbol, node));
      return {
        kind: "let",
        symbol,
        node,
        doc,
        get type() {
          return type();
        },
      };
    }
  }
}

function lazy<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => (kept ??= { value: compute() }).value;
}

export function typeParametersOf(
  symbol: GlobalSymbol,
  params: readonly Name[],
): readonly TypeParameter[] {
  if (params.length === 0) return noParameters;
  return params.map((param) => ({
    kind: "typeParameter",
    name: param.text,
    id: `${symbol.id}.${param.text}`,
  }));
}

export function typeScopeFor(params: readonly TypeParameter[]): TypeScope {
  return params.length === 0 ? noScope : new Map(params.map((param) => [param.name, param]));
}

const noParameters: readonly TypeParameter[] = [];
const noScope: TypeScope = new Map();

/** Lets whose types are being found, with their files: each is needed by the one before it. */
const openLets = new Map<LetDeclaration, string>();
const settledLets = new WeakSet<CheckedDeclaration>();
/** Lets that build on one another are followed by recursion that far; the rest of a long chain from its other end. */
const longChain = 50;

/** A `let` of the file that needs itself: told once, where it stands. */
function letType(c: Checker, symbol: GlobalSymbol, node: LetDeclaration): Type {
  if (node.type !== null) return c.resolveType(node.type, new Map());
  if (openLets.has(node)) {
    c.loudly(() =>
      c.report({
        code: "AF3010",
        at: node.name,
        message: `\`${node.name.text}\` is computed from itself`,
        related: circleFrom(node),
        help: "break the circle: one of these `let`s needs a value of its own",
      }),
    );
    return errorType;
  }
  openLets.set(node, symbol.file);
  try {
    if (openLets.size === longChain) {
      for (const need of inOrderOfNeed(symbol, (item) => letsNeededBy(c, item)))
        if (need !== symbol) typeOfLet(c, need);
    }
    return c.loudly(() => c.infer(node.value, c.fileScope));
  } finally {
    openLets.delete(node);
  }
}

/** How a `let` leads back to itself: who needs whom. */
function circleFrom(node: LetDeclaration): readonly Label[] {
  const open = [...openLets];
  const circle = open.slice(open.findIndex(([other]) => other === node));
  return circle.length === 1
    ? []
    : circle.map(([from, file], at) => {
        const [to = node] = circle[at + 1] ?? [];
        const message = `\`${from.name.text}\` needs \`${to.name.text}\``;
        return { span: spanOf(file, from.value), message };
      });
}

function typeOfLet(c: Checker, symbol: GlobalSymbol): void {
  const declaration = c.world.declaration(symbol);
  if (declaration?.kind !== "let") return;
  void declaration.type;
  settledLets.add(declaration);
}

/** Lets whose types are not known yet. */
function letsNeededBy(c: Checker, symbol: GlobalSymbol): readonly GlobalSymbol[] {
  const module = c.world.modules.get(symbol.file);
  const node = module?.facts.declared.get(symbol.name)?.node;
  if (module === undefined || node?.kind !== "let" || node.type !== null) return [];
  return [...mentionedNames(node.value)].flatMap((name) => {
    const need = module.names.get(name);
    const declaration = need?.kind === "let" ? c.world.declaration(need) : undefined;
    if (need === undefined || declaration?.kind !== "let") return [];
    return settledLets.has(declaration) || openLets.has(declaration.node) ? [] : [need];
  });
}

type Settings = ReadonlyMap<string, ResolvedSetting>;

/** Classes, because a program has thousands of declarations, and getters of an object are made anew for each. */
class Declared<Kind extends string, Declaration extends { readonly doc: { text: string } | null }> {
  readonly kind: Kind;
  readonly symbol: GlobalSymbol;
  readonly node: Declaration;
  readonly doc: string | null;
  protected readonly c: Checker;

  constructor(c: Checker, symbol: GlobalSymbol, node: Declaration & { readonly kind: Kind }) {
    this.kind = node.kind;
    this.symbol = symbol;
    this.node = node;
    this.doc = node.doc?.text ?? null;
    this.c = c;
  }
}

class DeclaredModel extends Declared<"model", ModelDeclaration> {
  #settings: Settings | undefined;

  get settings(): Settings {
    return (this.#settings ??= mergeSettings(this.c, this.node.block));
  }
}

class DeclaredCallable extends Declared<"agent" | "tool" | "flow", CallableDeclaration> {
  #signature: Signature | undefined;
  #role: CheckedCallable["role"] | undefined;
  #settings: Settings | undefined;

  get signature(): Signature {
    return (this.#signature ??= signatureOf(this.c, this.symbol, this.node));
  }

  get role(): CheckedCallable["role"] {
    if (this.#role === undefined) this.#role = roleOf(this.c, this.symbol, this.node);
    return this.#role;
  }

  get settings(): Settings {
    return (this.#settings ??= this.#merge());
  }

  #merge(): Settings {
    const own = mergeSettings(this.c, this.node.block);
    return this.role === null || this.kind !== "agent" ? own : roleDefaults(this.c, own, this.role);
  }
}

class DeclaredRole extends Declared<"role", RoleDeclaration> {
  #signature: Signature | undefined;
  #settings: Settings | undefined;

  get signature(): Signature {
    const { symbol, node } = this;
    return (this.#signature ??= ownSignature(
      this.c,
      node.signature,
      typeParametersOf(symbol, node.typeParams),
    ));
  }

  get settings(): Settings {
    return (this.#settings ??=
      this.node.block === null ? new Map() : mergeSettings(this.c, this.node.block));
  }
}

function roleOf(
  c: Checker,
  symbol: GlobalSymbol,
  node: AgentDeclaration | ToolDeclaration | FlowDeclaration,
): CheckedCallable["role"] {
  if (node.head.kind !== "roleHead") return null;
  const role = c.module.names.get(node.head.role.text);
  if (role?.kind !== "role") return null;
  const params = node.kind === "flow" ? typeParametersOf(symbol, node.typeParams) : [];
  const args = node.head.args.map((arg) => c.resolveType(arg, typeScopeFor(params)));
  const declared = c.world.modules.get(role.file)?.facts.declared.get(role.name)?.node;
  const wanted = declared?.kind === "role" ? declared.typeParams.length : 0;
  // A wrong number of types is reported at the head; what they would be is open.
  return {
    symbol: role,
    args: args.length === wanted ? args : Array.from({ length: wanted }, () => errorType),
  };
}

function signatureOf(c: Checker, symbol: GlobalSymbol, node: CallableDeclaration): Signature {
  const typeParams = node.kind === "flow" ? typeParametersOf(symbol, node.typeParams) : [];
  if (node.head.kind === "signature") return ownSignature(c, node.head, typeParams);
  return roleSignature(c, node.head, typeParams, roleOf(c, symbol, node));
}

const unknownSignature: Signature = {
  typeParams: [],
  params: [],
  returns: errorType,
  returnLabels: noLabels,
};

function roleSignature(
  c: Checker,
  head: RoleHead,
  typeParams: readonly TypeParameter[],
  role: CheckedCallable["role"],
): Signature {
  const declaration = role === null ? undefined : c.world.declaration(role.symbol);
  if (declaration?.kind !== "role" || role === null) return unknownSignature;
  const { signature } = declaration;
  const isComplete = signature.typeParams.length === head.args.length;
  const args = new Map(
    signature.typeParams.map((param, index) => [
      param.id,
      isComplete ? (role.args[index] ?? errorType) : errorType,
    ]),
  );
  return {
    typeParams,
    params: signature.params.map((param) => ({ ...param, type: substitute(param.type, args) })),
    returns: substitute(signature.returns, args),
    returnLabels: signature.returnLabels,
  };
}

function ownSignature(
  c: Checker,
  node: SignatureNode,
  typeParams: readonly TypeParameter[],
): Signature {
  const scope = typeScopeFor(typeParams);
  return {
    typeParams,
    params: parametersOf(c, node.params, scope),
    returns: node.returns === null ? nullType : c.resolveType(node.returns, scope),
    returnLabels: labelsOf(node.returns),
  };
}

/** Of doubled names the first. */
function parametersOf(
  c: Checker,
  fields: readonly Field[],
  scope: TypeScope,
): readonly Parameter[] {
  const params: Parameter[] = [];
  for (const field of fields) {
    const param = parameterOf(c, field, scope);
    if (param.name !== "" && parameterNamed(params, param.name) === undefined) params.push(param);
  }
  return params;
}

export function parameterNamed(params: readonly Parameter[], name: string): Parameter | undefined {
  for (const param of params) if (param.name === name) return param;
  return undefined;
}

function parameterOf(c: Checker, field: Field, scope: TypeScope): Parameter {
  return {
    name: field.name.text,
    type: c.resolveType(field.type, scope),
    doc: field.doc?.text ?? null,
    default: field.default === null ? null : { expression: field.default, file: c.file },
    labels: labelsOf(field.type),
  };
}
