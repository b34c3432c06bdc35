import { actionFunctions, contextNames, pureFunctions, testFunctions } from "./symbol.ts";
import type { FunctionSymbol } from "./symbol.ts";

/** Types that no file declares. */
export const builtInTypes = [
  "string",
  "int",
  "float",
  "bool",
  "url",
  "email",
  "date",
  "time",
  "duration",
  "money",
  "file",
  "secret",
  "json",
  "Error",
  "Failure",
  "Message",
] as const;

export const functionSymbols: ReadonlyMap<string, FunctionSymbol> = new Map(
  [
    ...actionFunctions.map((name) => ({
      scope: "function" as const,
      kind: "action" as const,
      name,
    })),
    ...pureFunctions.map((name) => ({ scope: "function" as const, kind: "pure" as const, name })),
    ...testFunctions.map((name) => ({ scope: "function" as const, kind: "test" as const, name })),
  ].map((symbol) => [symbol.name, symbol]),
);

const contexts: ReadonlySet<string> = new Set(contextNames);
const types: ReadonlySet<string> = new Set(builtInTypes);
const reserved: ReadonlySet<string> = new Set([...functionSymbols.keys(), ...contexts, ...types]);

export function isBuiltInType(name: string): boolean {
  return types.has(name);
}

/** What a built-in name means; undefined if programs may use the name. A value may be called like a type. */
export function reservedMeaning(name: string, isType: boolean): string | undefined {
  if (!reserved.has(name)) return undefined;
  const symbol = functionSymbols.get(name);
  if (symbol !== undefined)
    return `the built-in ${symbol.kind === "test" ? "test function" : "function"} \`${name}(…)\``;
  if (contexts.has(name)) return `the built-in value \`${name}\``;
  if (isType && types.has(name)) return `the built-in type \`${name}\``;
  return undefined;
}
