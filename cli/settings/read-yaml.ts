import { LineCounter, isMap, isScalar, isSeq, parse, parseDocument, stringify } from "yaml";
import type { Node, Scalar } from "yaml";

import type { SettingsProblem } from "./settings-problem.ts";

type Span = { readonly start: number; readonly end: number };

/** Where a value stands in the file, and which variables it was made from. */
export interface Place {
  /** Of the name; that of the value in a list. */
  readonly name: Span;
  readonly value: Span;
  readonly variables: readonly string[];
}

export interface YamlReading {
  readonly value: { readonly [key: string]: unknown };
  /** By the JSON of the path's parts. */
  readonly places: ReadonlyMap<string, Place>;
  readonly problems: readonly SettingsProblem[];
}

type Variables = Readonly<Record<string, string | undefined>>;
type Parts = readonly (string | number)[];

export function placeKey(parts: Parts): string {
  return JSON.stringify(parts);
}

/** Reads the file, putting in `${NAME}` and `${NAME:-default}` from the environment. Gives whatever can be read beside the problems. */
export function readYaml(text: string, file: string, variables: Variables): YamlReading {
  const document = parseDocument(text, {
    lineCounter: new LineCounter(),
    prettyErrors: false,
    // Aliases make documents that are larger than they look; settings need none.
    merge: false,
  });
  const problems: SettingsProblem[] = document.errors.map(({ pos, message, code }) => ({
    span: { start: pos[0], end: pos[1] },
    origin: file,
    message: `the file is no YAML: ${lowerFirst(message)}`,
    hint:
      code === "DUPLICATE_KEY"
        ? "give every name once"
        : "indent with spaces, and put text that holds `: `, `#` or brackets in quotes",
  }));
  const reader = new Reader(variables, file, problems);
  if (isNothing(document.contents)) return { value: {}, places: reader.places, problems };
  const value = reader.read(document.contents, [], spanOf(document.contents));
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return { value: value as YamlReading["value"], places: reader.places, problems };
  if (problems.length === 0)
    problems.push({
      span: spanOf(document.contents),
      origin: file,
      message: "the file holds no settings: it must be a record of `name: value`",
      hint: "for example `store:` and, indented below it, `url: ./runs.db`",
    });
  return { value: {}, places: reader.places, problems };
}

function isNothing(node: unknown): node is null {
  return node === null || (isScalar(node) && node.value === null);
}

class Reader {
  readonly places = new Map<string, Place>();
  private readonly variables: Variables;
  private readonly file: string;
  private readonly problems: SettingsProblem[];

  constructor(variables: Variables, file: string, problems: SettingsProblem[]) {
    this.variables = variables;
    this.file = file;
    this.problems = problems;
  }

  read(node: Node, parts: Parts, name: Span): unknown {
    if (isMap(node)) {
      this.note(parts, name, spanOf(node), []);
      const found: Record<string, unknown> = {};
      for (const { key, value } of node.items) {
        if (!isScalar(key)) continue;
        const word = String(key.value);
        const at = [...parts, word];
        const read =
          value === null || value === undefined ? null : this.read(value as Node, at, spanOf(key));
        // A name with nothing behind it, or with a variable that may be missing, says nothing.
        if (read !== null) found[word] = read;
      }
      return found;
    }
    if (isSeq(node)) {
      this.note(parts, name, spanOf(node), []);
      return node.items.map((item, index) =>
        this.read(item as Node, [...parts, index], spanOf(item as Node)),
      );
    }
    if (isScalar(node)) return this.scalar(node, parts, name);
    this.problems.push({
      span: spanOf(node),
      origin: this.file,
      message: "aliases (`*name`) can't be used here",
      hint: "write the value out",
    });
    return null;
  }

  private scalar(node: Scalar, parts: Parts, name: Span): unknown {
    if (typeof node.value !== "string" || !node.value.includes("${")) {
      this.note(parts, name, spanOf(node), []);
      return node.value;
    }
    const used: string[] = [];
    const text = this.substitute(node.value, spanOf(node), used);
    this.note(parts, name, spanOf(node), used);
    // Unquoted, `${PORT}` is whatever the variable holds: a number, true, or text.
    return node.type === "PLAIN" ? plainValue(text) : text;
  }

  private substitute(text: string, span: Span, used: string[]): string {
    return text.replaceAll(/\$\$\{|\$\{([^}]*)\}|\$\{/g, (whole, inner: string | undefined) => {
      if (whole === "$${") return "${";
      const match = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(inner ?? "");
      if (match === null) {
        this.problems.push({
          span,
          origin: this.file,
          message: `\`${whole}\` names no environment variable`,
          hint: "write ${NAME} or ${NAME:-default}; $${ stands for ${ itself",
        });
        return "";
      }
      const [, variable = "", fallback] = match;
      used.push(variable);
      const value = this.variables[variable];
      if (value !== undefined && value !== "") return value;
      if (fallback !== undefined) return fallback;
      this.problems.push({
        span,
        origin: this.file,
        message: `the environment variable ${variable} is not set`,
        hint: `set it, or give a default: \${${variable}:-…}`,
      });
      return "";
    });
  }

  private note(parts: Parts, name: Span, value: Span, variables: readonly string[]): void {
    this.places.set(placeKey(parts), { name, value, variables });
  }
}

/** Text that YAML reads as something else than text, a list or a record. */
function plainValue(text: string): unknown {
  if (!/^[\w.+~-]*$/.test(text)) return text;
  const value: unknown = text === "" ? null : parse(text);
  return typeof value === "object" && value !== null ? text : value;
}

/** What a variable or a flag holds, as the file would have it. */
export function looseValue(text: string, isList: boolean): unknown {
  if (!isList) return plainValue(text);
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** For people, in the words of the file. */
export function printValue(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : stringify(value).trimEnd();
}

function spanOf(node: unknown): Span {
  const range = (node as { readonly range?: readonly [number, number, number] | null }).range;
  return { start: range?.[0] ?? 0, end: range?.[1] ?? 1 };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
