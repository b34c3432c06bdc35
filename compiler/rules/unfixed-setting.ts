import { flowGraph } from "../flow/flow-graph.ts";
import { constantOf, constantText, writtenRecord, writtenSetting } from "../flow/written.ts";
import type { Written } from "../flow/written.ts";
import { faultDiagnostic, replace, spanOf } from "../names/reporter.ts";
import type { ResolvedSetting } from "../types/checked.ts";
import { textForms } from "../types/text-forms.ts";
import type { DefaultValue } from "../types/type.ts";
import type { Rule, RuleContext } from "./rule.ts";
import { fixedHelp, isError, unseenRecord, variablePart, whyUnfixed } from "./unfixed-part.ts";

type Settings = ReadonlyMap<string, ResolvedSetting>;

/** Settings that a plan holds as values, because whoever runs or checks it has to know them beforehand. */
export const fixedEverywhere: ReadonlySet<string> = new Set([
  "use",
  "module",
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
  const { module } = context;
  for (const declaration of context.declarations) {
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
  for (const setting of settings.values()) {
    if (!fixedEverywhere.has(setting.key)) continue;
    check(setting, context);
    checkForm(setting, context);
  }
  checkCache(settings.get("cache"), context);
}

/** Texts that are made of others show their form only when they are computed. */
function checkForm(setting: ResolvedSetting, { program, add }: RuleContext): void {
  const form = textForms[setting.key];
  const written = form === undefined ? null : writtenSetting(program, setting);
  const text = constantText(program, written);
  if (form === undefined || written === null || text === undefined || form.pattern.test(text))
    return;
  const { expression, module } = written;
  // What is written out is judged where types are.
  if (["literal", "union"].includes(module.typeOf(expression).kind)) return;
  add(
    faultDiagnostic(module.file, {
      code: "AF3005",
      at: expression,
      message: `\`${setting.key}\` is ${form.needs}; \`${JSON.stringify(text)}\` is not`,
      help: `write it like \`${setting.key}: ${form.example}\``,
    }),
  );
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
  if (setting === undefined || written === null) return;
  const record = writtenRecord(program, written);
  const basic = record?.get("basic");
  if (record !== null && basic === undefined) return;
  if (constantOf(program, written) !== undefined) return;
  checkRecord(setting, context);
  if (basic !== undefined && writtenRecord(program, basic) === null)
    report(setting, unseenRecord(program, basic), context);
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
      message: `${what} is part of the plan, ${whyUnfixed(found)}`,
      help: fixedHelp(found),
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
      message: `\`${key}\` is part of the plan, ${whyUnfixed(found)}`,
      related: isInside
        ? []
        : [{ span: spanOf(module.file, expression), message: "its value comes from here" }],
      help: name === null ? fixedHelp(found) : `in the plan it is a text: write ${name}`,
      fixes:
        name === null || !isInside
          ? []
          : [{ title: `write ${name}`, edits: [replace(file, expression, name)], safe: true }],
    }),
  );
}

/** An agent, tool or flow as a value is its name. */
function quotedName({ expression, module }: Written): string | null {
  if (expression.kind !== "name" || module.typeOf(expression).kind !== "callable") return null;
  return JSON.stringify(expression.name.text);
}
