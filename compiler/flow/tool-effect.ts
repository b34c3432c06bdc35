import type { CheckedProgram, CheckedTool } from "../types/checked.ts";
import { constantOf, constantText, follow, writtenSetting } from "./written.ts";

/** What a tool does to the world, and what follows for doing it twice. */
export interface ToolEffect {
  readonly effect: "read" | "write" | "send";
  /** Doing it twice does no more than doing it once: it reads, or the callee drops repeats. */
  readonly repeatable: boolean;
  /** How the callee is told the key: a header, or true; undefined if it is not. */
  readonly key: string | true | undefined;
  /** A call that a crash caught in flight is made again. */
  readonly restarts: boolean;
}

/** By definition of HTTP, these do no more when they are repeated. */
const idempotentMethods = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

export function toolEffect(program: CheckedProgram, tool: CheckedTool): ToolEffect {
  const { settings } = tool;
  const method = httpMethod(program, tool);
  const written = constantText(program, writtenSetting(program, settings.get("effect")));
  const standard = method === "GET" || method === "HEAD" ? "read" : "send";
  const effect =
    written === "read" || written === "write" || written === "send" ? written : standard;
  const given = constantOf(program, writtenSetting(program, settings.get("idempotency")));
  const key = typeof given === "string" || given === true ? given : undefined;
  const repeatable =
    effect === "read" || key !== undefined || (method !== null && idempotentMethods.has(method));
  const restart = constantOf(program, writtenSetting(program, settings.get("restart")));
  return { effect, repeatable, key, restarts: typeof restart === "boolean" ? restart : repeatable };
}

/** Method of an HTTP tool in capitals; null for tools that are reached otherwise. */
export function httpMethod(program: CheckedProgram, tool: CheckedTool): string | null {
  const written = writtenSetting(program, tool.settings.get("http"));
  if (written === null) return null;
  const { expression } = follow(program, written);
  const first = expression.kind === "string" ? expression.parts[0] : undefined;
  const word = first?.kind === "text" ? /^\s*([A-Za-z]+)\s/.exec(first.text)?.[1] : undefined;
  return word === undefined ? "GET" : word.toUpperCase();
}
