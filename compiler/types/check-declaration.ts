import { didYouMean } from "../../base/did-you-mean.ts";
import type { CallableDeclaration } from "../names/file-facts.ts";
import { spanOf } from "../names/reporter.ts";
import { Scope } from "../names/scope.ts";
import type { ScopeOptions } from "../names/scope.ts";
import { someOf, suggest, withArticle } from "../names/suggest.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type {
  Action,
  Block,
  Declaration,
  Field,
  ModelDeclaration,
  Name,
  Node,
  RoleDeclaration,
  RoleHead,
  TestDeclaration,
  TypeDeclaration,
} from "../syntax/tree.ts";
import { blockScope } from "./block-scope.ts";
import { checkConfig } from "./check-config.ts";
import { checkEntries } from "./check-block.ts";
import { checkFlow } from "./check-flow.ts";
import { checkPairs } from "./check-pairs.ts";
import { checkPerson } from "./check-person.ts";
import { checkReach, reachKeys } from "./check-reach.ts";
import { checkDeclaredSettings, checkSettings } from "./check-settings.ts";
import type { CheckedCallable, ResolvedSetting } from "./checked.ts";
import type { Checker } from "./checker.ts";
import { typeParametersOf, typeScopeFor } from "./declarations.ts";
import { declareLocal } from "./local-names.ts";
import { runSymbol } from "./resolve-name.ts";
import type { Owner } from "./setting-owner.ts";
import { settingMeantBy } from "./setting-synonyms.ts";
import { settingsFor } from "./settings-table.ts";
import type { Parameter, Signature } from "./type.ts";
import { reportRepeatedNames } from "./unique-names.ts";

/** Checks everything one declaration says. */
export function checkDeclaration(c: Checker, node: Declaration): void {
  switch (node.kind) {
    case "let": {
      const target = node.type === null ? undefined : c.resolveType(node.type, new Map());
      if (target !== undefined) c.expect(node.value, c.fileScope, target, `\`${node.name.text}\``);
      else {
        const symbol = c.module.facts.declared.get(node.name.text);
        // The type of a let that others mention first is found on their way.
        if (symbol?.node === node)
          void (c.world.declaration(symbol.symbol) as { type?: unknown } | undefined)?.type;
        c.infer(node.value, c.fileScope);
      }
      return;
    }
    case "type":
      return checkType(c, node);
    case "config":
      return checkConfig(c, node);
    case "role":
      return checkRole(c, node);
    case "model":
      return checkModel(c, node);
    case "agent":
    case "tool":
    case "flow":
      return checkCallable(c, node);
    case "test":
      return checkTest(c, node);
  }
}

function symbolOf(c: Checker, node: { readonly name: Name }): GlobalSymbol | undefined {
  const found = c.module.facts.declared.get(node.name.text);
  return found !== undefined && found.node === (node as unknown) ? found.symbol : undefined;
}

/** A doubled declaration is checked under a name of its own. */
function symbolFor(
  c: Checker,
  node: { readonly name: Name; readonly kind: GlobalSymbol["kind"] },
): GlobalSymbol {
  return (
    symbolOf(c, node) ?? {
      scope: "global",
      kind: node.kind,
      name: node.name.text,
      file: c.file,
      id: `${c.file}#${node.name.text}@${node.name.start}`,
    }
  );
}

function checkType(c: Checker, node: TypeDeclaration): void {
  const symbol = symbolFor(c, node);
  const params = typeParametersOf(symbol, node.params);
  reportTypeParams(c, node.params);
  if (symbolOf(c, node) !== undefined) c.world.instantiate(symbol, params);
  else c.resolveType(node.value, typeScopeFor(params));
  checkDefaults(
    c,
    node.value.kind === "shape" ? node.value.fields : [],
    typeScopeFor(params),
    c.fileScope,
  );
}

function reportTypeParams(c: Checker, params: readonly Name[]): void {
  if (params.length === 0) return;
  const scope = new Scope(c.fileScope);
  for (const param of params)
    declareLocal(
      c,
      scope,
      { scope: "local", kind: "typeParameter", name: param.text, node: param },
      param,
    );
}

function checkDefaults(
  c: Checker,
  fields: readonly Field[],
  scope: ReadonlyMap<string, Parameter["type"]>,
  values: Scope,
): void {
  for (const field of fields) {
    if (field.default === null) continue;
    c.expect(
      field.default,
      values,
      c.resolveType(field.type, scope),
      `the default of \`${field.name.text}\``,
    );
  }
}

/** The scope of a callable's parameters, below the file's. */
function paramsScope(
  c: Checker,
  signature: Signature,
  fields: readonly Field[],
  options: ScopeOptions,
): Scope {
  const scope = new Scope(c.fileScope, options);
  scope.declare("run", { kind: "binding", symbol: runSymbol, scope, at: null });
  let next = 0;
  for (const node of fields) {
    // Parameters stand in the order of their fields, doubled ones left out.
    const param = signature.params[next];
    if (param?.name !== node.name.text) {
      reportDoubled(c, node, fields);
      continue;
    }
    next += 1;
    const symbol = { scope: "local" as const, kind: "parameter" as const, name: param.name, node };
    declareLocal(c, scope, symbol, node.name);
    c.results.symbolTypes.set(symbol, param.type);
  }
  return scope;
}

function reportDoubled(c: Checker, { name }: Field, fields: readonly Field[]): void {
  const first = fields.find((field) => field.name.text === name.text)?.name;
  if (name.text === "" || first === undefined) return;
  c.report({
    code: "AF2002",
    at: name,
    message: `the parameter \`${name.text}\` is there twice`,
    related: [{ span: spanOf(c.file, first), message: "first here" }],
    help: "remove one of the two, or give it another name",
  });
}

/** Parameters that come from a role stand in its file: nothing about their names is judged here. */
function roleParamsScope(
  c: Checker,
  signature: Signature,
  fields: readonly Field[],
  options: ScopeOptions,
): Scope {
  const scope = new Scope(c.fileScope, options);
  scope.declare("run", { kind: "binding", symbol: runSymbol, scope, at: null });
  for (const param of signature.params) {
    const node = fieldNamed(fields, param.name);
    if (node === undefined) continue;
    const symbol = { scope: "local" as const, kind: "parameter" as const, name: param.name, node };
    scope.declare(param.name, { kind: "binding", symbol, scope, at: null });
    c.results.symbolTypes.set(symbol, param.type);
  }
  return scope;
}

function fieldNamed(fields: readonly Field[], name: string): Field | undefined {
  for (const field of fields) if (field.name.text === name) return field;
  return undefined;
}

function checkRole(c: Checker, node: RoleDeclaration): void {
  const symbol = symbolFor(c, node);
  reportTypeParams(c, node.typeParams);
  const declaration = symbolOf(c, node) === undefined ? undefined : c.world.declaration(symbol);
  if (declaration?.kind !== "role") return;
  const { signature } = declaration;
  const params = paramsScope(c, signature, node.signature.params, {});
  checkDefaults(c, node.signature.params, typeScopeFor(signature.typeParams), c.fileScope);
  if (node.block === null) return;
  const owner: Owner = {
    kind: "role",
    outer: params,
    inner: params,
    params,
    signature,
    at: node.name,
    hasSteps: false,
  };
  checkDeclaredSettings(c, node.block, owner, declaration.settings);
}

function checkModel(c: Checker, node: ModelDeclaration): void {
  const own = checkSettings(c, node.block, {
    kind: "model",
    outer: c.fileScope,
    inner: c.fileScope,
    params: c.fileScope,
    signature: null,
    at: node.name,
    hasSteps: false,
  });
  if (!isUnfinished(c, node.block, "model"))
    requireSettings(c, node.name, `the model \`${node.name.text}\``, requiredKeys.model, own);
  checkPerson(c, node.name, own);
}

const requiredKeys = {
  model: ["use"],
  agent: ["model", "prompt"],
  tool: reachKeys,
} as const;

type RequiringKind = keyof typeof requiredKeys;

function requireSettings(
  c: Checker,
  at: Name,
  what: string,
  keys: readonly string[],
  found: ReadonlyMap<string, ResolvedSetting>,
): void {
  const missing = keys.filter((key) => !found.has(key));
  if (missing.length === 0 || at.text === "" || c.module.facts.damage.lostNames) return;
  const examples: Readonly<Record<string, string>> = {
    use: 'use: "openai/gpt-5-mini"',
    model: "model: name",
    prompt: 'prompt: "…"',
  };
  c.report({
    code: "AF3015",
    at,
    message: `${what} needs ${someOf(missing.map((key) => `\`${key}\``))}`,
    help: `add ${missing.map((key) => `\`${examples[key] ?? key}\``).join(" and ")}`,
  });
}

function checkCallable(c: Checker, node: CallableDeclaration): void {
  const symbol = symbolFor(c, node);
  const declaration = symbolOf(c, node) === undefined ? undefined : c.world.declaration(symbol);
  if (node.kind === "flow") reportTypeParams(c, node.typeParams);
  if (node.head.kind === "roleHead") checkRoleHead(c, node.head);
  if (declaration === undefined || !("signature" in declaration) || declaration.kind === "role")
    return;
  const { signature } = declaration;
  const fields =
    node.head.kind === "signature" ? node.head.params : roleFields(c, declaration.role);
  const isUnknown = node.head.kind === "roleHead" && declaration.role === null;
  const options = { flow: node.kind === "flow" ? node : null, open: isUnknown };
  const params =
    node.head.kind === "signature"
      ? paramsScope(c, signature, fields, options)
      : roleParamsScope(c, signature, fields, options);
  if (node.head.kind === "signature")
    checkDefaults(c, fields, typeScopeFor(signature.typeParams), c.fileScope);
  if (node.kind === "flow") return checkFlow(c, node, declaration, params);
  const owner: Owner = {
    kind: node.kind,
    text: `the ${node.kind} \`${node.name.text}\``,
    outer: params,
    inner: params,
    params,
    signature,
    at: node.name,
    hasSteps: false,
  };
  checkDeclaredSettings(c, node.block, owner, declaration.settings);
  const isWrong = declaration.role?.args.some((arg) => arg.kind === "error") === true;
  if (isUnknown || isWrong || isUnfinished(c, node.block, node.kind)) return;
  if (node.kind === "agent")
    requireSettings(
      c,
      node.name,
      `the agent \`${node.name.text}\``,
      requiredKeys.agent,
      declaration.settings,
    );
  else checkReach(c, node.name, declaration.settings);
  checkPairs(c, declaration.settings);
}

/** What a spread that failed, a misspelt key, or an entry that is no setting, was meant to bring is not missing. */
function isUnfinished(c: Checker, block: Block, kind: RequiringKind): boolean {
  return block.entries.some((entry) => {
    if (entry.kind === "setting") return isMisspelt(entry.key.text, kind);
    if (entry.kind !== "spread") return true;
    const symbol = c.module.names.get(entry.name.text);
    const declaration = symbol === undefined ? undefined : c.world.declaration(symbol);
    return declaration?.kind !== "let" || declaration.type.kind !== "record";
  });
}

function isMisspelt(key: string, kind: RequiringKind): boolean {
  const known = settingsFor(kind);
  if (known.has(key)) return false;
  const required: readonly string[] = requiredKeys[kind];
  const meant = settingMeantBy(key, known);
  return didYouMean(key, required).length > 0 || (meant !== undefined && required.includes(meant));
}

function roleFields(c: Checker, role: CheckedCallable["role"]): readonly Field[] {
  const declaration = role === null ? undefined : c.world.declaration(role.symbol);
  return declaration?.kind === "role" ? declaration.node.signature.params : [];
}

function checkRoleHead(c: Checker, head: RoleHead): void {
  const { role } = head;
  if (role.text === "") return;
  const symbol = c.module.names.get(role.text);
  if (symbol !== undefined) c.results.symbols.set(role, symbol);
  if (symbol === undefined) {
    if (c.isUnsure(role.text)) return;
    const roles = [...c.module.names.values()]
      .filter((candidate) => candidate.kind === "role")
      .map((candidate) => candidate.name);
    const near = suggest({ file: c.file, at: role, written: role.text, candidates: roles });
    const known =
      roles.length === 0
        ? "declare it, `role name(…) -> T`, or import it"
        : `this file knows ${someOf(
            roles.map((name) => `\`${name}\``),
            6,
          )}`;
    c.report({
      code: "AF2001",
      at: role,
      message: `there is no role \`${role.text}\``,
      help: near.help ?? known,
      fixes: near.fixes,
    });
    return;
  }
  if (symbol.kind !== "role") {
    c.report({
      code: "AF2001",
      at: role,
      message: `\`${role.text}\` is ${withArticle(symbol.kind)}, not a role`,
      help:
        symbol.kind === "type"
          ? `behind the name stands a role, or parameters and a result: \`(text: string) -> ${role.text}\``
          : "behind the name stands a role, or parameters in brackets",
    });
    return;
  }
  const declaration = c.world.declaration(symbol);
  const wanted = declaration?.kind === "role" ? declaration.signature.typeParams.length : 0;
  if (wanted === head.args.length) return;
  c.report({
    code: "AF3013",
    at: head.args.length === 0 ? role : head,
    message: `the role \`${symbol.name}\` takes ${wanted === 0 ? "no types in `<…>`" : wanted === 1 ? "one type" : `${wanted} types`}, got ${head.args.length}`,
    help:
      wanted === 0
        ? `write \`: ${symbol.name}\``
        : `write \`: ${symbol.name}<${Array.from({ length: wanted }, () => "…").join(", ")}>\``,
  });
}

function checkTest(c: Checker, node: TestDeclaration): void {
  reportRepeatedNames(c, node.block);
  const params = new Scope(c.fileScope, { inTest: true });
  const inner = blockScope(c, node.block, params);
  checkSettings(c, node.block, {
    kind: "test",
    outer: params,
    inner,
    params,
    signature: null,
    at: node.title,
    hasSteps: true,
  });
  checkEntries(c, node.block, inner);
  for (const entry of node.block.entries) {
    if (entry.kind === "step") checkRun(c, entry.action, entry.name);
    else if (entry.kind === "action") checkRun(c, entry.action, entry);
  }
}

/** A step of a test starts a run, as somebody from outside would. */
function checkRun(c: Checker, action: Action, at: Node): void {
  const call =
    action.kind === "invoke" && action.expression.kind === "call"
      ? c.results.calls.get(action.expression)
      : undefined;
  if (action.kind === "invoke" && call === undefined) return;
  if (action.kind === "invoke" && call?.callee.kind === "flow") {
    if (action.block === null) return;
    c.report({
      code: "AF2003",
      at: { start: action.block.start, end: action.block.start + 1 },
      message: "a step of a test starts a run, which has no settings",
      help: "remove the block; steps of a test run one after the other, and settings of the flow count",
    });
    return;
  }
  c.report({
    code: "AF8002",
    at,
    message:
      action.kind === "invoke"
        ? "a step of a test runs a flow, and this calls something else"
        : `a step of a test runs a flow, and this is \`${action.kind}\``,
    help: "write a flow that does it, and run that: `step result = flow(…)`",
  });
}
