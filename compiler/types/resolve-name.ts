import { insert, replace, spanOf } from "../names/reporter.ts";
import { functionSymbols } from "../names/reserved.ts";
import type { Binding, Scope } from "../names/scope.ts";
import { suggest, withArticle } from "../names/suggest.ts";
import { contextNames } from "../names/symbol.ts";
import type { ContextSymbol, FunctionSymbol, GlobalSymbol } from "../names/symbol.ts";
import type { Block, Name } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import { literalsOf } from "./mismatch.ts";
import { flowBlockWith } from "./find-step.ts";
import type { Type } from "./type.ts";

export type Meaning =
  | Binding
  | { readonly kind: "global"; readonly symbol: GlobalSymbol }
  | { readonly kind: "function"; readonly symbol: FunctionSymbol }
  | { readonly kind: "config" };

/** What stands at a place, for suggestions. */
export type Wanted = "value" | "callable" | "model" | "step" | "state" | "agent" | "let";

interface NameUse {
  readonly wanted: Wanted;
  readonly hint: Type | undefined;
}

export const configSymbol: ContextSymbol = {
  scope: "context",
  kind: "config",
  name: "config",
  node: null,
};
export const runSymbol: ContextSymbol = { scope: "context", kind: "run", name: "run", node: null };

/** What a name means at its place, reported if it means nothing; undefined then. Remembers the symbol. */
export function resolveName(
  c: Checker,
  name: Name,
  scope: Scope,
  wanted: Wanted,
  hint?: Type,
): Meaning | undefined {
  if (name.text === "") return undefined;
  const binding = scope.lookUp(name.text);
  if (binding !== undefined) {
    c.results.symbols.set(name, binding.symbol);
    return binding;
  }
  const symbol = c.module.names.get(name.text);
  if (symbol !== undefined) {
    c.results.symbols.set(name, symbol);
    return { kind: "global", symbol };
  }
  if (name.text === "config") {
    c.results.symbols.set(name, configSymbol);
    return { kind: "config" };
  }
  const builtIn = functionSymbols.get(name.text);
  if (builtIn !== undefined && (builtIn.kind !== "test" || scope.inTest)) {
    c.results.symbols.set(name, builtIn);
    return { kind: "function", symbol: builtIn };
  }
  if (!c.isUnsure(name.text) && !scope.open && scope.hidden?.open !== true)
    reportUnknown(c, name, scope, { wanted, hint });
  return undefined;
}

function reportUnknown(c: Checker, name: Name, scope: Scope, use: NameUse): void {
  const { text } = name;
  const choices =
    use.hint === undefined
      ? null
      : literalsOf(use.hint.kind === "optional" ? use.hint.inner : use.hint, c.world);
  if (use.wanted === "value" && choices?.includes(text) === true) return reportBareText(c, name);
  const hidden = scope.hidden?.lookUp(text);
  if (hidden !== undefined) {
    c.report({
      code: "AF2001",
      at: name,
      message: `\`${text}\` cannot be seen here: ${scope.hiddenBecause}`,
      help: "use a name that is known here, or move the value to where this name is known",
      related:
        hidden.at === null
          ? []
          : [
              {
                span: spanOf(c.file, hidden.at),
                message: `\`${text}\` is known only where this is`,
              },
            ],
    });
    return;
  }
  if (
    (contextNames as readonly string[]).includes(text) ||
    functionSymbols.get(text)?.kind === "test"
  )
    return reportContext(c, name);
  if (
    use.wanted === "callable" &&
    scope.flow !== null &&
    ["http", "cron", "event", "slack"].includes(text)
  )
    return reportTrigger(c, name);
  const inside = scope.flow === null ? undefined : flowBlockWith(scope.flow.block, text);
  if (inside !== undefined) return reportInside(c, name, inside);
  const meant = use.wanted === "value" ? sameThing.get(text) : undefined;
  if (meant !== undefined) return reportForeign(c, name, meant);
  const candidates = candidatesFor(c, scope, use);
  const near = suggest({ file: c.file, at: name, written: text, candidates });
  const quoted =
    choices === null || near.names.length > 0
      ? undefined
      : suggest({
          file: c.file,
          at: name,
          written: text,
          candidates: choices,
          spell: (choice) => JSON.stringify(choice),
        });
  c.report({
    code: "AF2001",
    at: name,
    message: `there is no ${wantedText(use)} \`${text}\``,
    help: near.help ?? quoted?.help ?? helpFor(c, use, text),
    fixes: near.help === undefined ? quoted?.fixes : near.fixes,
  });
}

/** What other languages call the constants. */
const sameThing: ReadonlyMap<string, string> = new Map([
  ["None", "null"],
  ["nil", "null"],
  ["Null", "null"],
  ["NULL", "null"],
  ["nullptr", "null"],
  ["True", "true"],
  ["TRUE", "true"],
  ["False", "false"],
  ["FALSE", "false"],
]);

function reportForeign(c: Checker, name: Name, meant: string): void {
  c.report({
    code: "AF2001",
    at: name,
    message: `there is no name \`${name.text}\`; it is written \`${meant}\``,
    help: `write \`${meant}\``,
    fixes: [{ title: `write \`${meant}\``, edits: [replace(c.file, name, meant)], safe: true }],
  });
}

function reportBareText(c: Checker, name: Name): void {
  const quoted = JSON.stringify(name.text);
  c.report({
    code: "AF2001",
    at: name,
    message: `there is no name \`${name.text}\`; a text is written with quotes`,
    help: `write \`${quoted}\``,
    fixes: [{ title: `write \`${quoted}\``, edits: [replace(c.file, name, quoted)], safe: true }],
  });
}

const contextPlaces: Readonly<Record<string, string>> = {
  previous: "inside `repeat`, where it is the output of the last round",
  upstream: "inside a `for` with `needs`, where it is the list of what the needed items gave",
  error: "inside `fallback`, where it says what went wrong",
  event: "inside `on`, `where` and `cancelOn`, where it is what arrived",
  output: "inside `check`, where it is the agent's answer",
  run: "inside flows and what they call",
};

function reportContext(c: Checker, name: Name): void {
  const place = contextPlaces[name.text];
  c.report({
    code: "AF2001",
    at: name,
    message:
      place === undefined
        ? `\`${name.text}\` is known only in a \`test\``
        : `\`${name.text}\` is known only ${place}`,
    help: contextHelps[name.text],
  });
}

const contextHelps: Readonly<Record<string, string | undefined>> = {
  output: "give the value a name with `let`, and use the name here and in `output`",
  event:
    "let the flow take what it needs as a parameter, and fill that with `input: { text: event.data.text }`",
};

/** `http("POST /x") { … }` without `on`. */
function reportTrigger(c: Checker, name: Name): void {
  c.report({
    code: "AF2001",
    at: name,
    message: `there is no agent, tool, flow or function \`${name.text}\``,
    help: `what starts the flow is written \`on ${name.text}(…)\``,
    fixes: startsEntry(c, name)
      ? [
          {
            title: `write \`on ${name.text}\``,
            edits: [insert(c.file, name.start, "on ")],
            safe: true,
          },
        ]
      : [],
  });
}

/** Nothing but space before it on its line, or the brace of a block. */
function startsEntry(c: Checker, { start }: Name): boolean {
  const before = c.textOf({ start: 0, end: start });
  return /^$|[{}]$/u.test(before.slice(before.lastIndexOf("\n") + 1).trim());
}

function reportInside(
  c: Checker,
  name: Name,
  inside: { readonly block: Block; readonly owner: string; readonly at: Name },
): void {
  c.report({
    code: "AF2001",
    at: name,
    message: `\`${name.text}\` cannot be seen here: it is inside the block of ${inside.owner}`,
    related: [{ span: spanOf(c.file, inside.at), message: `\`${name.text}\` is here` }],
    help: `only \`output\` leaves a block: give \`${name.text}\` out with \`output:\` and use the value of the block`,
  });
}

function wantedText(use: NameUse): string {
  switch (use.wanted) {
    case "model":
      return "model";
    case "step":
      return "step";
    case "state":
      return "state";
    case "agent":
      return "agent";
    case "let":
      return "`let`";
    case "callable":
      return "agent, tool, flow or function";
    case "value":
      return "name";
  }
}

/** What stands for functions and names that other languages have. */
const insteadOf: Readonly<Record<string, string | undefined>> = {
  len: "write `value.length`",
  length: "write `value.length`",
  print: "what a flow gives is its `output`; what its steps give stands in `agentflow runs show`",
  log: "what a flow gives is its `output`; what its steps give stands in `agentflow runs show`",
  console: "what a flow gives is its `output`; what its steps give stands in `agentflow runs show`",
  sum: "it is a method: `list.sum()`",
  map: "it is a method: `list.map(item => …)`",
  filter: "it is a method: `list.filter(item => …)`",
  sorted: "it is a method: `list.sortBy(item => …)`",
  str: "values are written into a text with `${…}`",
  env: "values from outside are declared, `config { apiKey: secret }`, and read as `config.apiKey`",
  process:
    "values from outside are declared, `config { apiKey: secret }`, and read as `config.apiKey`",
  os: "values from outside are declared, `config { apiKey: secret }`, and read as `config.apiKey`",
};

function helpFor(c: Checker, use: NameUse, text: string): string | undefined {
  const instead = Object.hasOwn(insteadOf, text) ? insteadOf[text] : undefined;
  if (instead !== undefined && (use.wanted === "value" || use.wanted === "callable"))
    return instead;
  if (use.wanted === "value" || use.wanted === "step") return undefined;
  const kinds = use.wanted === "callable" ? ["agent", "tool", "flow", "role"] : [use.wanted];
  const known = [...c.module.names.values()]
    .filter((symbol) => kinds.includes(symbol.kind))
    .map((symbol) => `\`${symbol.name}\``);
  if (known.length === 0)
    return use.wanted === "callable"
      ? "declare it in this file, or import it"
      : `declare ${withArticle(use.wanted)} \`${text}\`, or import one`;
  return known.length <= 6
    ? `this file knows ${known.join(", ")}`
    : "declare it in this file, or import it";
}

function candidatesFor(c: Checker, scope: Scope, use: NameUse): string[] {
  const names: string[] = [];
  for (const { symbol } of scope.bindings()) {
    const isStep = symbol.kind === "step";
    const fits =
      use.wanted === "step"
        ? isStep
        : use.wanted === "state"
          ? symbol.kind === "state"
          : use.wanted === "value" || use.wanted === "callable";
    if (fits) names.push(symbol.name);
  }
  for (const [name, symbol] of c.module.names)
    if (isWanted(use.wanted, symbol.kind)) names.push(name);
  if (use.wanted === "callable") {
    for (const symbol of functionSymbols.values())
      if (symbol.kind !== "test" || scope.inTest) names.push(symbol.name);
  }
  if (use.wanted === "value") names.push("config");
  return names;
}

function isWanted(wanted: Wanted, kind: GlobalSymbol["kind"]): boolean {
  switch (wanted) {
    case "model":
    case "agent":
    case "let":
      return kind === wanted;
    case "callable":
      return kind === "agent" || kind === "tool" || kind === "flow" || kind === "role";
    case "value":
      return kind !== "type" && kind !== "model";
    default:
      return false;
  }
}
