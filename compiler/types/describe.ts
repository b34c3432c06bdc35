import { someOf } from "../names/suggest.ts";
import { durationText, typeText } from "./type-text.ts";
import type { NumberType, Type } from "./type.ts";

/** A type as a noun in a sentence: "text", "an int", "a list of Page", "a Post", "the tool `search`". */
export function describe(type: Type): string {
  switch (type.kind) {
    case "string":
      return type.max === null && type.pattern === null && type.min === null
        ? "text"
        : `text (\`${typeText(type)}\`)`;
    case "literal":
      return `the text \`${JSON.stringify(type.value)}\``;
    case "int":
    case "float":
    case "money":
    case "duration":
      return describeNumber(type);
    case "null":
      return "null";
    case "bool":
      return "`true` or `false`";
    case "json":
      return "untyped `json`";
    case "list":
      return type.item.kind === "never" ? "an empty list" : `a list (\`${short(type)}\`)`;
    case "record":
      return type.declared === null ? `a record \`${short(type)}\`` : named(typeText(type));
    case "union":
      return type.tag === null
        ? `one of ${someOf(
            type.members.map((member) => `\`${typeText(member)}\``),
            5,
            "or",
          )}`
        : named(short(type));
    case "optional":
      return `${describe(type.inner)} or null`;
    case "role":
      return `${named(typeText(type))} (the name of an agent that fills this role)`;
    case "callable":
      return `the ${type.symbol.kind} \`${type.symbol.name}\``;
    case "model":
      return `the model \`${type.symbol.name}\``;
    case "rate":
      return "a rate such as `60/min`";
    case "percent":
      return "a percentage";
    case "span":
      return "a range such as `1s..16s`";
    case "code":
      return "an error code";
    case "never":
      return "no value";
    case "error":
      return "an unknown type";
    default:
      return `\`${typeText(type)}\``;
  }
}

function describeNumber(type: NumberType): string {
  if (type.min !== null && type.min === type.max) return `\`${numberText(type.kind, type.min)}\``;
  return `\`${typeText(type)}\``;
}

export function numberText(kind: NumberType["kind"], value: number): string {
  if (kind === "money") {
    const amount = (Math.abs(value) / 1_000_000).toFixed(value % 10_000 === 0 ? 2 : 6);
    return `${value < 0 ? "-" : ""}$${amount}`;
  }
  if (kind === "duration") return durationText(value);
  return String(value);
}

/** The type's text, cut in the middle of a sentence where it would be too long. */
export function short(type: Type): string {
  const text = typeText(type);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

function named(text: string): string {
  return `${/^[aeiou]/iu.test(text) ? "an" : "a"} \`${text}\``;
}
