import { withoutParentheses } from "../names/plain-text.ts";
import { suggest } from "../names/suggest.ts";
import type { Expression, RecordExpression, RecordField } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import { expectModel } from "./check-references.ts";
import { describe } from "./describe.ts";
import { fits } from "./mismatch.ts";
import { reportSetting } from "./report-setting.ts";
import type { SettingUse } from "./setting-owner.ts";
import { someTime } from "./settings-table.ts";
import { errorType } from "./type.ts";
import type { Type } from "./type.ts";

const share: Type = { kind: "float", min: 0, max: 1 };

const entryTypes: Readonly<Record<string, Type>> = { ttl: someTime, similarity: share };

/** `1h`, or `{ ttl, similarity, model }`. */
export function checkCache(c: Checker, use: SettingUse, expression: Expression): void {
  const node = withoutParentheses(expression);
  if (node.kind === "record" && node.entries.every((entry) => entry.kind === "recordField")) {
    checkEntries(c, use, node);
    return;
  }
  const type = c.infer(expression, use.scope, { hint: someTime });
  if (type.kind === "error") return;
  if (type.kind === "record") {
    checkFields(c, use, { type, expression });
    return;
  }
  if (type.kind === "duration") c.expect(expression, use.scope, someTime, "`cache`");
  else
    reportSetting(c, use.spec, expression, `must be a duration or a record, not ${describe(type)}`);
}

function checkEntries(c: Checker, use: SettingUse, node: RecordExpression): void {
  const { scope } = use;
  c.results.types.set(node, errorType);
  const fields = new Map<string, RecordField>();
  for (const entry of node.entries) {
    if (entry.kind !== "recordField" || entry.key.text === "") continue;
    fields.set(entry.key.text, entry);
    const value: Expression = entry.value ?? {
      kind: "name",
      name: entry.key,
      start: entry.start,
      end: entry.end,
    };
    const type = entryTypes[entry.key.text];
    if (type !== undefined) c.expect(value, scope, type, `\`${entry.key.text}\``);
    else if (entry.key.text === "model")
      expectModel(c, { ...use, spec: { ...use.spec, key: "model" } }, value);
    else reportEntry(c, entry);
  }
  if (!fields.has("ttl") && node.entries.length > 0) {
    c.report({
      code: "AF3002",
      at: node,
      message: "`cache` lacks `ttl`, the time for which an answer is kept",
      help: "write it like `cache: { ttl: 1d, similarity: 0.95 }`",
    });
  } else if (node.entries.length === 0) reportSetting(c, use.spec, node, "says nothing");
  const similarity = fields.get("similarity");
  if (similarity !== undefined)
    checkSimilarity(c, use, { at: similarity, hasModel: fields.has("model") });
}

/** A record that a `let` holds. */
function checkFields(
  c: Checker,
  use: SettingUse,
  {
    type,
    expression,
  }: { readonly type: Type & { kind: "record" }; readonly expression: Expression },
): void {
  for (const [name, { type: field }] of type.fields) {
    const wanted = entryTypes[name];
    const isRight =
      wanted === undefined
        ? name === "model" && field.kind === "model"
        : fits(c.world, field, wanted);
    if (isRight || field.kind === "error") continue;
    reportSetting(c, use.spec, expression, `cannot have ${describe(field)} as \`${name}\``);
    return;
  }
  if (!type.fields.has("ttl")) reportSetting(c, use.spec, expression, "lacks `ttl`");
  if (type.fields.has("similarity"))
    checkSimilarity(c, use, { at: expression, hasModel: type.fields.has("model") });
}

function reportEntry(c: Checker, { key }: RecordField): void {
  const near = suggest({
    file: c.file,
    at: key,
    written: key.text,
    candidates: ["ttl", "similarity", "model"],
  });
  c.report({
    code: "AF3002",
    at: key,
    message: `\`cache\` has no entry \`${key.text}\``,
    help: near.help ?? "it has `ttl`, `similarity` and `model`",
    fixes: near.fixes,
  });
}

/** Similar are texts; something has to say how much. */
function checkSimilarity(
  c: Checker,
  { owner }: SettingUse,
  { at, hasModel }: { readonly at: RecordField | Expression; readonly hasModel: boolean },
): void {
  const texts = owner.signature?.params.filter(({ type }) => isText(type));
  if (texts?.length === 0) {
    c.report({
      code: "AF3005",
      at,
      message: "`similarity` compares the texts among the arguments, and here there are none",
      help: "remove it: calls with equal arguments share answers by `ttl` alone",
    });
  } else if (!hasModel && (owner.kind === "tool" || owner.kind === "toolCall")) {
    c.report({
      code: "AF3015",
      at,
      message: "a tool has no model that could tell how similar two texts are",
      help: 'declare one, `model places { use: "openai/text-embedding-3-small" }`, and add it: `model: places`',
    });
  }
}

function isText(type: Type): boolean {
  const inner = type.kind === "optional" ? type.inner : type;
  return (
    inner.kind === "error" ||
    inner.kind === "typeParameter" ||
    (inner.kind === "string" && inner.pattern === null)
  );
}
