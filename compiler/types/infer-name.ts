import { insert } from "../names/reporter.ts";
import type { Scope } from "../names/scope.ts";
import { withArticle } from "../names/suggest.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Name, NameExpression } from "../syntax/tree.ts";
import type { Checker, InferOptions } from "./checker.ts";
import { narrowed } from "./narrow.ts";
import { isValueless } from "./valueless.ts";
import { resolveName } from "./resolve-name.ts";
import type { Meaning, Wanted } from "./resolve-name.ts";
import { errorType } from "./type.ts";
import type { Type } from "./type.ts";

export function inferName(
  c: Checker,
  node: NameExpression,
  scope: Scope,
  options: InferOptions,
): Type {
  const { name } = node;
  const meaning = resolveName(c, name, scope, "value", options.hint);
  const type = meaning === undefined ? errorType : typeOfMeaning(c, name, scope, meaning);
  // What a name is declared as need not be kept where it is used.
  const isDeclared = meaning?.kind === "binding" && scope.factScope === null;
  if (!isDeclared || type.kind === "error") c.results.types.set(node, type);
  return type;
}

/** The type of what a name means at its place, also of the short record entry `{ name }`. */
export function typeOfName(
  c: Checker,
  name: Name,
  scope: Scope,
  wanted: Wanted,
  hint?: Type,
): Type {
  const meaning = resolveName(c, name, scope, wanted, hint);
  return meaning === undefined ? errorType : typeOfMeaning(c, name, scope, meaning);
}

function typeOfMeaning(c: Checker, name: Name, scope: Scope, meaning: Meaning): Type {
  switch (meaning.kind) {
    case "binding": {
      if (isValueless(c, meaning, name)) return errorType;
      const type = c.typeOfBinding(meaning);
      return scope.factScope === null ? type : narrowed(type, name.text, scope);
    }
    case "global":
      return typeOfGlobal(c, name, meaning.symbol);
    case "config":
      c.report({
        code: "AF2001",
        at: name,
        message: "`config` is no value by itself",
        help: "name one of its entries: `config.name`",
      });
      return errorType;
    case "function":
      c.report({
        code: "AF2001",
        at: name,
        message: `\`${name.text}\` is a function, not a value`,
        help: `call it: \`${name.text}(…)\``,
        fixes: [
          {
            title: `write \`${name.text}()\``,
            edits: [insert(c.file, name.end, "()")],
            safe: false,
          },
        ],
      });
      return errorType;
  }
}

function typeOfGlobal(c: Checker, name: Name, symbol: GlobalSymbol): Type {
  switch (symbol.kind) {
    case "let": {
      const declaration = c.world.declaration(symbol);
      return declaration?.kind === "let" ? declaration.type : errorType;
    }
    case "model":
      return { kind: "model", symbol };
    case "type":
      c.report({
        code: "AF2001",
        at: name,
        message: `\`${name.text}\` is ${withArticle(symbol.kind)}, not a value`,
        help: "a value of a record type is written as a record: `{ field: value }`",
      });
      return errorType;
    default:
      return { kind: "callable", symbol };
  }
}
