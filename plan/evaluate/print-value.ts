import { formatDuration } from "../../base/duration.ts";
import type { Json, Print } from "../expression.ts";
import { toMicro } from "./arithmetic.ts";
import { fieldOf, isRecord } from "./json-record.ts";

/**
 * What `${x}` shows. A value that is not of the expected form, such as the text of `${count ?? "none"}`, is printed as
 * what it is.
 */
export function printValue(value: Json, print: Print): string {
  if (typeof value === "string") return print === "json" ? JSON.stringify(value) : value;
  if (typeof value === "number") {
    if (print === "money") return printMoney(value);
    return print === "duration" ? formatDuration(value) : String(value);
  }
  if (print === "file" && isRecord(value)) return String(fieldOf(value, "name"));
  return JSON.stringify(value);
}

/** `$12.50`: two decimals, up to six if they are needed. */
function printMoney(dollars: number): string {
  const micros = Math.abs(toMicro(dollars));
  const whole = Math.floor(micros / 1_000_000);
  const decimals = String(micros % 1_000_000).padStart(6, "0");
  return `${dollars < 0 ? "-" : ""}$${whole}.${decimals.slice(0, 2)}${decimals.slice(2).replace(/0+$/, "")}`;
}

const open = "<untrusted-data>";
const close = "</untrusted-data>";

/** Marks text as data for a model. The text cannot end the fence: tags in it lose their bracket. */
export function fence(text: string): string {
  return `${open}\n${text.replaceAll(/<(?=\/?untrusted-data)/gi, "&lt;")}\n${close}`;
}
