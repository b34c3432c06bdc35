import { suggest } from "../names/suggest.ts";
import type { FieldExpression, Name } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import { configSymbol } from "./resolve-name.ts";
import { errorType } from "./type.ts";
import type { Type } from "./type.ts";

/** The type of `config.name`. */
export function configEntry(c: Checker, node: FieldExpression, config: Name): Type {
  c.uses("config");
  c.results.symbols.set(config, configSymbol);
  const { name } = node;
  if (name.text === "") return errorType;
  const entry = c.world.config.get(name.text);
  if (entry !== undefined) return entry.type;
  if (c.isUnsure(name.text) || c.world.configIsUnsure) return errorType;
  const near = suggest({
    file: c.file,
    at: name,
    written: name.text,
    candidates: c.world.config.keys(),
  });
  c.report({
    code: "AF2001",
    at: name,
    message: `no file of this program declares \`config.${name.text}\``,
    help: near.help ?? `declare it: \`config { ${name.text}: string }\``,
    fixes: near.fixes,
  });
  return errorType;
}
