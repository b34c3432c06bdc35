import type { Json, Method } from "../expression.ts";
import {
  comparison,
  fromMicro,
  numberOf,
  saturateFloat,
  saturateInt,
  timeText,
  timeMs,
} from "./arithmetic.ts";
import { isList } from "./json-record.ts";
import { listMethod } from "./list-methods.ts";
import type { MethodArguments } from "./list-methods.ts";

/** Total: a method that does not fit its subject, which the compiler rules out, gives null. */
export function callMethod(name: Method, subject: Json, given: MethodArguments): Json {
  if (isList(subject)) return listMethod(name, subject, given);
  if (typeof subject === "number") return numberMethod(name, subject, given);
  if (typeof subject === "string") return textMethod(name, subject, given.argument);
  return null;
}

function numberMethod(name: Method, value: number, { argument, as }: MethodArguments): Json {
  switch (name) {
    case "round":
      return whole(Math.sign(value) * Math.floor(Math.abs(value) + 0.5), as);
    case "floor":
      return whole(Math.floor(value), as);
    case "ceil":
      return whole(Math.ceil(value), as);
    case "abs":
      return as === "float" ? saturateFloat(Math.abs(value)) : Math.abs(value);
    case "min":
      return comparison(as)(value, argument) <= 0 ? value : argument;
    case "max":
      return comparison(as)(value, argument) >= 0 ? value : argument;
    default:
      return null;
  }
}

function whole(value: number, as: MethodArguments["as"]): number {
  return as === "money" ? fromMicro(value * 1_000_000) : saturateInt(value);
}

function textMethod(name: Method, text: string, argument: Json): Json {
  const other = typeof argument === "string" ? argument : "";
  switch (name) {
    case "length":
      return characters(text).length;
    case "contains":
      return text.includes(other);
    case "startsWith":
      return text.startsWith(other);
    case "endsWith":
      return text.endsWith(other);
    case "trim":
      return text.trim();
    case "lower":
      return text.toLowerCase();
    case "upper":
      return text.toUpperCase();
    case "split":
      return other === "" ? characters(text) : text.split(other);
    case "take":
      return characters(text)
        .slice(0, Math.max(0, numberOf(argument)))
        .join("");
    case "date":
      return timeText(timeMs(text)).slice(0, 10);
    case "min":
    case "max":
      return earlierOrLater(name, text, other);
    default:
      return null;
  }
}

/** Dates and times are text that sorts as they do. */
function earlierOrLater(name: "min" | "max", text: string, other: string): string {
  return (name === "min") === text <= other ? text : other;
}

/** Characters as people count them: an emoji is one, not two code units. */
function characters(text: string): string[] {
  return [...text];
}
