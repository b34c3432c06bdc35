import { plainText } from "../names/plain-text.ts";
import { suggest } from "../names/suggest.ts";
import type { ConfigDeclaration, Entry, Expression } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";

/** `config { … }` declares entries, `config production { … }` gives them values. */
export function checkConfig(c: Checker, node: ConfigDeclaration): void {
  // Declared entries and their doubles are found when the namespace is put together.
  c.uses("config");
  void c.world.config;
  for (const field of node.shape?.fields ?? []) {
    const type = c.resolveType(field.type, new Map());
    if (field.default === null) continue;
    if (type.kind === "secret") reportSecret(c, field.default, field.name.text);
    else c.expect(field.default, c.fileScope, type, `the default of \`${field.name.text}\``);
  }
  for (const entry of node.block?.entries ?? []) checkValue(c, entry);
}

function checkValue(c: Checker, entry: Entry): void {
  if (entry.kind !== "setting") {
    if (entry.kind !== "spread")
      c.report({
        code: "AF2003",
        at: { start: entry.start, end: Math.min(entry.end, entry.start + 4) },
        message: "`config` holds values only",
        help: "write `name: value`",
      });
    return;
  }
  const { key, value } = entry;
  const known = c.world.config.get(key.text);
  if (known === undefined && key.text !== "" && !c.world.configIsUnsure) {
    const near = suggest({
      file: c.file,
      at: key,
      written: key.text,
      candidates: c.world.config.keys(),
    });
    c.report({
      code: "AF2003",
      at: key,
      message: `no file of this program declares \`config.${key.text}\``,
      help: near.help ?? `declare it: \`config { ${key.text}: string }\``,
      fixes: near.fixes,
    });
  }
  if (value.kind !== "invoke") {
    c.report({
      code: "AF4005",
      at: { start: value.start, end: value.start + value.kind.length },
      message: `\`${key.text}\` takes a value, and \`${value.kind}\` is an action`,
      help: `write the value itself: \`${key.text}: value\``,
    });
    return;
  }
  if (known === undefined) c.infer(value.expression, c.fileScope);
  else if (known.type.kind === "secret") reportSecret(c, value.expression, key.text);
  else c.expect(value.expression, c.fileScope, known.type, `\`${key.text}\``);
}

function reportSecret(c: Checker, value: Expression, name: string): void {
  const type = c.infer(value, c.fileScope);
  if (type.kind === "error") return;
  const isText = plainText(value) !== undefined;
  c.report({
    code: "AF6003",
    at: value,
    message: `\`${name}\` is a secret, and secrets never stand in files`,
    help: `remove ${isText ? "it" : "the value"} and set the environment variable \`${variableOf(name)}\``,
  });
}

/** `CRM_URL` for `crmUrl`. */
function variableOf(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/gu, "_").toUpperCase();
}
