import { flowGraph } from "../flow/flow-graph.ts";
import { constantOf, follow, writtenList, writtenRecord, writtenSetting } from "../flow/written.ts";
import type { Written } from "../flow/written.ts";
import { faultDiagnostic, replace, spanOf } from "../names/reporter.ts";
import type { CheckedProgram, ResolvedSetting } from "../types/checked.ts";
import type { DefaultValue } from "../types/type.ts";
import type { Expression, Name } from "../syntax/tree.ts";
import type { Rule, RuleContext } from "./rule.ts";

type Settings = ReadonlyMap<string, ResolvedSetting>;

/** Settings that a plan holds as values, because whoever runs or checks it has to know them beforehand. */
const fixedEverywhere: ReadonlySet<string> = new Set([
  "options",
  "temperature",
  "price",
  "maxInput",
  "maxOutput",
  "circuit",
  "channel",
  "assignees",
  "remind",
  "retryOn",
  "rate",
  "examples",
  "maxTurns",
  "skills",
  "errors",
  "effect",
  "idempotency",
  "restart",
  "maxHandoffs",
  "maxRuns",
  "deadLetter",
  "exhausted",
  "was",
  "idle",
  "respond",
  "debounce",
  "batch",
  "zone",
  "misfire",
  "overlap",
  "replay",
]);

/** AF3005: a setting that is part of the plan does not depend on what a run brings. */
export const unfixedSetting: Rule = (context) => {
  const { program, module } = context;
  for (const symbol of context.symbols) {
    const declaration = program.declarationOf(symbol);
    if (declaration === undefined || !("settings" in declaration)) continue;
    if (context.isFaulty(declaration.node)) continue;
    checkFixed(declaration.settings, context);
    checkOwn(declaration.settings, declaration.kind, context);
  }
  for (const flow of context.flows) {
    for (const { action } of flowGraph(module, flow).steps) {
      if (action.kind === "if" || action.kind === "match" || action.block === null) continue;
      const settings = module.settingsOf(action.block);
      checkFixed(settings, context);
      if (action.kind === "for") checkTolerate(settings, context);
    }
    for (const entry of flow.node.block.entries) {
      if ((entry.kind !== "on" && entry.kind !== "state") || entry.block === null) continue;
      const settings = module.settingsOf(entry.block);
      checkFixed(settings, context);
      checkRecord(settings.get("input"), context);
      checkAuth(settings.get("auth"), context);
    }
  }
  for (const test of context.tests) checkFixed(module.settingsOf(test.block), context);
};

/** The same for what a file says of `config`. */
export const unfixedConfig: Rule = (context) => {
  if (context.configs.length > 0) checkConfig(context);
};

function checkFixed(settings: Settings, context: RuleContext): void {
  for (const [key, setting] of settings) if (fixedEverywhere.has(key)) check(setting, context);
  checkCache(settings.get("cache"), context);
}

/** What is fixed on one kind of declaration only, or in part. */
function checkOwn(settings: Settings, kind: string, context: RuleContext): void {
  if (kind === "model") check(settings.get("timeout"), context);
  if (kind === "flow") checkEntry(settings.get("concurrency"), "limit", context);
  else check(settings.get("concurrency"), context);
  checkEntry(settings.get("mcp"), "tool", context);
  checkRecord(settings.get("secrets"), context);
  checkAuth(settings.get("auth"), context);
  checkEntry(settings.get("cancelOn"), "topic", context);
}

/** A record of which one entry is fixed; the record itself is written out, so that the entry can be seen. */
function checkEntry(
  setting: ResolvedSetting | undefined,
  name: string,
  context: RuleContext,
): void {
  const { program } = context;
  const written = writtenSetting(program, setting);
  if (setting === undefined || written === null) return;
  const entries = writtenRecord(program, written);
  if (entries === null) return check(setting, context);
  const entry = entries.get(name);
  if (entry !== undefined) report(setting, variablePart(program, entry), context);
}

/** A record whose entries are seen, whatever their values. */
function checkRecord(setting: ResolvedSetting | undefined, context: RuleContext): void {
  const written = writtenSetting(context.program, setting);
  if (setting === undefined || written === null) return;
  if (writtenRecord(context.program, written) === null)
    report(setting, unseenRecord(context.program, written), context);
}

/** Which way to log in is fixed; with what is not. */
function checkAuth(setting: ResolvedSetting | undefined, context: RuleContext): void {
  const { program } = context;
  const written = writtenSetting(program, setting);
  if (setting === undefined || written === null || constantOf(program, written) !== undefined)
    return;
  checkRecord(setting, context);
  const basic = writtenRecord(program, written)?.get("basic");
  if (basic !== undefined && writtenRecord(program, basic) === null)
    report(setting, unseenRecord(program, basic), context);
}

/** What hides the entries of a record: the whole, or the first spread that is not written out. */
function unseenRecord(program: CheckedProgram, written: Written): Written {
  const { expression, module } = follow(program, written);
  const spreads = expression.kind === "record" ? expression.entries : [];
  for (const entry of spreads) {
    if (entry.kind !== "recordSpread") continue;
    const spread = { expression: entry.value, module };
    if (writtenRecord(program, spread) === null) return unseenRecord(program, spread);
  }
  return { expression, module };
}

/** All of it but the name of a model. */
function checkCache(setting: ResolvedSetting | undefined, context: RuleContext): void {
  const written = writtenSetting(context.program, setting);
  if (setting === undefined || written === null) return;
  const entries = writtenRecord(context.program, written);
  if (entries === null) return check(setting, context);
  for (const [name, entry] of entries)
    if (name !== "model") report(setting, variablePart(context.program, entry), context);
}

/** A number of items may depend on the list; a percentage is part of the plan. */
function checkTolerate(settings: Settings, context: RuleContext): void {
  const setting = settings.get("tolerate");
  const written = writtenSetting(context.program, setting);
  if (written !== null && written.module.typeOf(written.expression).kind === "percent")
    check(setting, context);
}

/** What `config` holds unless a process is told otherwise. */
function checkConfig({ program, module, report: add }: RuleContext): void {
  const given: { readonly value: DefaultValue; readonly what: string }[] = [];
  for (const { shape, environment, block } of module.configs) {
    for (const { name } of shape?.fields ?? []) {
      const value = program.config.get(name.text)?.default ?? null;
      if (value !== null) given.push({ value, what: `the default of \`config.${name.text}\`` });
    }
    const values = program.environments.get(environment?.text ?? "");
    for (const entry of block?.entries ?? []) {
      if (entry.kind !== "setting") continue;
      const name = entry.key.text;
      const value = values?.get(name);
      const what = `\`${name}\` of the environment \`${environment?.text ?? ""}\``;
      if (value !== undefined) given.push({ value, what });
    }
  }
  for (const { value, what } of given) {
    if (value.file !== module.file) continue;
    const found = variablePart(program, { expression: value.expression, module });
    if (found === null || isError(found)) continue;
    add({
      code: "AF3005",
      at: found.module === module ? found.expression : value.expression,
      message: `${what} is part of the plan, ${why(found)}`,
      help: "write the value here, or a `let` of values that never change",
    });
  }
}

function check(setting: ResolvedSetting | undefined, context: RuleContext): void {
  const written = writtenSetting(context.program, setting);
  if (setting !== undefined && written !== null)
    report(setting, variablePart(context.program, written), context);
}

function report(
  { key, node, file }: ResolvedSetting,
  found: Written | null,
  { add }: RuleContext,
): void {
  if (found === null || isError(found)) return;
  const { expression, module } = found;
  const isInside =
    module.file === file && node.start <= expression.start && expression.end <= node.end;
  const name = quotedName(found);
  add(
    faultDiagnostic(file, {
      code: "AF3005",
      at: isInside ? expression : node.key,
      message: `\`${key}\` is part of the plan, ${why(found)}`,
      related: isInside
        ? []
        : [{ span: spanOf(module.file, expression), message: "its value comes from here" }],
      help:
        name === null
          ? "write the value here, or a `let` of values that never change"
          : `in the plan it is a text: write ${name}`,
      fixes:
        name === null || !isInside
          ? []
          : [{ title: `write ${name}`, edits: [replace(file, expression, name)], safe: true }],
    }),
  );
}

function why({ expression, module }: Written): string {
  const base = rootOf(expression);
  if (base?.text === "config") return "and `config` has its values only when a process starts";
  const symbol = base === null ? undefined : module.symbolOf(base);
  if (base !== null && (symbol?.scope === "local" || symbol?.scope === "context"))
    return `and \`${base.text}\` is known only in a run`;
  return "so its value is a literal, or made of literals with `let`, arithmetic, conditions and `${…}`";
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

/** An agent, tool or flow as a value is its name. */
function quotedName({ expression, module }: Written): string | null {
  if (expression.kind !== "name" || module.typeOf(expression).kind !== "callable") return null;
  return JSON.stringify(expression.name.text);
}

function isError({ expression, module }: Written): boolean {
  return module.typeOf(expression).kind === "error";
}

/** The first part of a value that is no constant; null if the whole is one. */
function variablePart(program: CheckedProgram, written: Written): Written | null {
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
