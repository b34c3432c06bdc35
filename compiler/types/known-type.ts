import type { Expression, LiteralExpression, Name, StringLiteral } from "../syntax/tree.ts";
import type { Results } from "./checker.ts";
import { boolType, nullType } from "./type.ts";
import type { Type } from "./type.ts";

/** The type that was found for an expression or a short record entry, whether it is kept or follows from the node. */
export function knownType(results: Results, node: Expression | Name): Type | undefined {
  const kept = results.types.get(node);
  if (kept !== undefined || !("kind" in node)) return kept;
  switch (node.kind) {
    case "literal":
      return literalType(node);
    case "string":
      return textType(node);
    case "name":
      // A short record entry `{ name }` is typed at its key.
      return results.types.get(node.name) ?? declaredType(results, node.name);
    default:
      return undefined;
  }
}

function declaredType({ symbols, symbolTypes }: Results, name: Name): Type | undefined {
  const symbol = symbols.get(name);
  return symbol === undefined ? undefined : symbolTypes.get(symbol);
}

/** A text without `${ }` is its own type; undefined if it has one. */
export function textType({ parts }: StringLiteral): Type | undefined {
  for (const { kind } of parts) if (kind !== "text") return undefined;
  const [part] = parts;
  return { kind: "literal", value: part?.kind === "text" ? part.text : "" };
}

export function literalType(node: LiteralExpression): Type {
  const value = typeof node.value === "number" ? node.value : null;
  switch (node.type) {
    case "int":
    case "size":
      return { kind: "int", min: value, max: value };
    case "float":
    case "money":
    case "duration":
      return { kind: node.type, min: value, max: value };
    case "bool":
      return boolType;
    case "null":
      return nullType;
    case "percent":
    case "rate":
      return { kind: node.type };
  }
}
