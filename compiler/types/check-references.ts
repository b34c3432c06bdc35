import type { Fix } from "../diagnostics/diagnostic.ts";
import { plainText, withoutParentheses } from "../names/plain-text.ts";
import { replace, spanOf } from "../names/reporter.ts";
import type { Scope } from "../names/scope.ts";
import { suggest } from "../names/suggest.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Expression, Name, State } from "../syntax/tree.ts";
import { listOf, messageRecord } from "./built-in-types.ts";
import type { Checker } from "./checker.ts";
import { describe } from "./describe.ts";
import { typeOfName } from "./infer-name.ts";
import { expectCode } from "./infer-operators.ts";
import { fits } from "./mismatch.ts";
import { reportSetting } from "./report-setting.ts";
import { resolveName } from "./resolve-name.ts";
import type { SettingUse } from "./setting-owner.ts";
import type { SettingCheck } from "./setting-check.ts";
import { errorType } from "./type.ts";

/** Settings that name something: models, steps, states, agents, codes. */
export const referenceChecks = {
  model: expectModel,
  models: (c, use, expression) =>
    forEachItem(c, use, expression, (item) => expectModel(c, use, item)),
  codes: checkCodes,
  after: checkAfter,
  memory: expectMemory,
  handoffs: checkHandoffs,
  requires: checkRequires,
} satisfies { readonly [value: string]: SettingCheck };

function checkAfter(c: Checker, use: SettingUse, expression: Expression): void {
  if (withoutParentheses(expression).kind === "listLiteral")
    forEachItem(c, use, expression, (item) => expectStep(c, use, item));
  else expectStep(c, use, expression);
}

function forEachItem(
  c: Checker,
  { spec, scope }: SettingUse,
  expression: Expression,
  check: (item: Expression) => void,
): void {
  const node = withoutParentheses(expression);
  if (node.kind === "listLiteral") {
    c.results.types.set(node, errorType);
    for (const item of node.items) check(item);
    return;
  }
  const type = c.infer(expression, scope);
  if (type.kind === "error") return;
  if (type.kind !== "list")
    return reportSetting(c, spec, expression, `must be a list, not ${describe(type)}`);
  const { kind } = type.item;
  if (spec.value === "models" && kind !== "model" && kind !== "never" && kind !== "error")
    reportSetting(c, spec, expression, `must be a list of models, not ${describe(type)}`);
}

/** A model named where one is wanted: by the whole setting, or by a part of it. */
export function expectModel(
  c: Checker,
  { spec, scope }: Pick<SettingUse, "spec" | "scope">,
  expression: Expression,
): void {
  const node = withoutParentheses(expression);
  if (node.kind === "conditional") {
    c.results.types.set(node, errorType);
    for (const choice of [node.then, node.else]) expectModel(c, { spec, scope }, choice);
    c.report({
      code: "AF3005",
      at: expression,
      message: `\`${spec.key}\` names one model, because it is part of the plan; a choice is made in a run`,
      help: `choose with \`if\` between two calls, each with its own \`model\``,
    });
    return;
  }
  if (node.kind !== "name") {
    const type = c.infer(expression, scope);
    if (type.kind !== "error" && type.kind !== "model")
      reportSetting(c, spec, expression, `takes the name of a model, not ${describe(type)}`);
    return;
  }
  const type = typeOfName(c, node.name, scope, "model");
  c.results.types.set(node, type);
  c.results.types.set(expression, type);
  if (type.kind === "model" || type.kind === "error") return;
  const models = [...c.module.names.values()]
    .filter((symbol) => symbol.kind === "model")
    .map((symbol) => symbol.name);
  const near = suggest({ file: c.file, at: node, written: node.name.text, candidates: models });
  c.report({
    code: "AF3005",
    at: node,
    message: `\`${spec.key}\` takes the name of a model, not ${describe(type)}`,
    help:
      near.help ??
      (models.length === 0
        ? 'declare one: `model fast { use: "openai/gpt-5-mini" }`'
        : `this file knows ${models
            .slice(0, 5)
            .map((name) => `\`${name}\``)
            .join(", ")}`),
    fixes: near.fixes,
  });
}

/** Codes are looked up in the whole program. */
function checkCodes(c: Checker, use: SettingUse, expression: Expression): void {
  forEachItem(c, use, expression, (item) => {
    const text = plainText(item);
    const type = c.infer(item, use.scope);
    if (text !== undefined) expectCode(c, item, text);
    else if (type.kind !== "error" && !fits(c.world, type, { kind: "code" })) {
      c.report({
        code: "AF3005",
        at: item,
        message: `\`${use.spec.key}\` lists error codes, and this is ${describe(type)}`,
        help: `write it like \`${use.spec.key}: ${use.spec.example}\``,
      });
    }
  });
}

function expectStep(c: Checker, { spec, scope }: SettingUse, expression: Expression): void {
  const node = withoutParentheses(expression);
  if (node.kind === "errorExpression") return;
  if (node.kind !== "name") {
    c.silently(() => c.infer(expression, scope));
    c.report({
      code: "AF3005",
      at: expression,
      message: `\`${spec.key}\` takes the name of a step`,
      help: `write it like \`${spec.key}: ${spec.example}\`, or \`${spec.key}: [one, other]\``,
    });
    return;
  }
  const meaning = resolveName(c, node.name, scope, "step");
  c.results.types.set(node, errorType);
  if (meaning === undefined || (meaning.kind === "binding" && meaning.symbol.kind === "step"))
    return;
  const steps = [...scope.bindings()]
    .filter(({ symbol }) => symbol.kind === "step")
    .map(({ symbol }) => symbol.name);
  const near = suggest({ file: c.file, at: node, written: node.name.text, candidates: steps });
  c.report({
    code: "AF3005",
    at: node,
    message: `\`${spec.key}\` takes the name of a step, and \`${node.name.text}\` is none`,
    help: near.help,
    fixes: near.fixes,
  });
}

function expectMemory(c: Checker, { spec, scope }: SettingUse, expression: Expression): void {
  const node = withoutParentheses(expression);
  const type =
    node.kind === "name" ? typeOfName(c, node.name, scope, "state") : c.infer(expression, scope);
  c.results.types.set(expression, type);
  if (type.kind === "error") return;
  const symbol = node.kind === "name" ? scope.lookUp(node.name.text)?.symbol : undefined;
  const state = symbol?.scope === "local" && symbol.kind === "state" ? symbol.node : undefined;
  if (state === undefined || type.kind !== "list" || !fits(c.world, type, listOf(messageRecord))) {
    c.report({
      code: "AF3005",
      at: expression,
      message: `\`${spec.key}\` takes a \`state\` that holds messages`,
      help: "declare one in the flow: `state talk: Message[..40] = [] { per: userId }`",
    });
    return;
  }
  const declared = spanOf(c.file, state.type);
  if (type.max === null) {
    c.report({
      code: "AF3005",
      at: expression,
      message: `\`${spec.key}\` keeps the last messages, and nothing says how many`,
      related: [{ span: declared, message: "without a bound, it would grow with every run" }],
      help: "give the list a bound: `Message[..40]`",
      fixes: boundOf(c, state),
    });
  }
  const next = state.block?.entries.find(
    (entry) => entry.kind === "setting" && entry.key.text === "next",
  );
  if (next === undefined) return;
  c.report({
    code: "AF3005",
    at: expression,
    message: `\`${spec.key}\` appends to \`${state.name.text}\`, and \`next\` replaces it`,
    related: [{ span: spanOf(c.file, next), message: "a state gets its new value in one way" }],
    help: "remove one of the two",
  });
}

function boundOf(c: Checker, { type }: State): readonly Fix[] {
  if (type.kind !== "list" || type.range !== null) return [];
  const edit = replace(c.file, { start: type.item.end, end: type.end }, "[..40]");
  return [{ title: "write `[..40]`", edits: [edit], safe: false }];
}

function checkHandoffs(c: Checker, use: SettingUse, expression: Expression): void {
  const node = withoutParentheses(expression);
  if (node.kind !== "record") {
    const type = c.infer(expression, use.scope);
    if (type.kind !== "error")
      reportSetting(c, use.spec, expression, `says who may pass on to whom, not ${describe(type)}`);
    return;
  }
  c.results.types.set(node, errorType);
  for (const entry of node.entries) {
    if (entry.kind === "recordSpread") {
      c.infer(entry.value, use.scope);
      continue;
    }
    resolveAgent(c, entry.key, use.scope);
    if (entry.value === null) continue;
    forEachItem(c, use, entry.value, (item) => {
      const inner = withoutParentheses(item);
      if (inner.kind !== "name") {
        reportSetting(c, use.spec, item, "lists the names of agents");
        return;
      }
      const symbol = resolveAgent(c, inner.name, use.scope);
      c.results.types.set(inner, symbol === undefined ? errorType : { kind: "callable", symbol });
    });
  }
}

/** Whether it is an agent that may take part is judged by the rule for handoffs. */
function resolveAgent(c: Checker, name: Name, scope: Scope): GlobalSymbol | undefined {
  const meaning = resolveName(c, name, scope, "agent");
  return meaning?.kind === "global" &&
    (meaning.symbol.kind === "agent" ||
      meaning.symbol.kind === "tool" ||
      meaning.symbol.kind === "flow")
    ? meaning.symbol
    : undefined;
}

function checkRequires(c: Checker, use: SettingUse, expression: Expression): void {
  const { spec, owner } = use;
  const skills: string[] = [];
  const written = new Map<string, Expression>();
  forEachItem(c, use, expression, (item) => {
    const text = plainText(item);
    const type = c.infer(item, use.scope);
    if (text !== undefined) {
      skills.push(text);
      written.set(text, item);
    } else if (type.kind !== "error") reportSetting(c, spec, item, "lists skills as texts");
  });
  if (owner.role === undefined || skills.length === 0) return;
  c.uses("fillers");
  const fillers = c.world.fillers.get(owner.role.id) ?? [];
  if (fillers.length === 0) return;
  const known = fillers.map((symbol) => skillsOf(c, symbol));
  if (known.some((own) => skills.every((skill) => own.includes(skill)))) return;
  const all = new Set(known.flat());
  const odd = skills.find((skill) => !all.has(skill));
  const near =
    odd === undefined
      ? undefined
      : suggest({
          file: c.file,
          at: written.get(odd) ?? expression,
          written: odd,
          candidates: all,
          spell: (name) => JSON.stringify(name),
        });
  c.report({
    code: "AF2006",
    at: expression,
    message: `nobody who fills the role \`${owner.role.name}\` has ${skills.length === 1 ? "the skill" : "the skills"} ${skills.map((skill) => `\`${skill}\``).join(", ")}`,
    help: near?.help ?? 'give an agent the setting `skills: ["…"]`, or ask for fewer',
    fixes: near?.fixes,
  });
}

export function skillsOf(c: Checker, symbol: GlobalSymbol): readonly string[] {
  const declaration = c.world.declaration(symbol);
  const setting =
    declaration !== undefined && "settings" in declaration
      ? declaration.settings.get("skills")
      : undefined;
  const value = setting?.value.kind === "invoke" ? setting.value.expression : undefined;
  if (setting === undefined || value === undefined) return [];
  const list = writtenOut(c, value, setting.file);
  return list.kind === "listLiteral"
    ? list.items.flatMap((item) => plainText(writtenOut(c, item, setting.file)) ?? [])
    : [];
}

/** What a name of a file's `let` stands for. */
function writtenOut(c: Checker, expression: Expression, file: string): Expression {
  const node = withoutParentheses(expression);
  if (node.kind !== "name") return node;
  const symbol = c.world.modules.get(file)?.names.get(node.name.text);
  const declaration = symbol === undefined ? undefined : c.world.declaration(symbol);
  if (declaration?.kind !== "let") return node;
  // Other files are known by what they declare, not by what their lets hold.
  for (const other of [file, declaration.symbol.file])
    if (other !== c.file) c.uses({ file: other });
  return withoutParentheses(declaration.node.value);
}
