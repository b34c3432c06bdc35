import { posix } from "node:path";
import { parseSync } from "vite";

/** A TypeScript file with the facts that rules ask about. */
export interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly program: SyntaxNode;
  readonly comments: readonly Comment[];
  readonly references: readonly Reference[];
}

/** A node of the ESTree that the parser gives; what a rule needs beyond this it must check itself. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

interface Comment {
  readonly value: string;
  readonly start: number;
}

/** Any way in which a file names another one or a package. */
export interface Reference {
  readonly kind: "import" | "export" | "dynamic import" | "type import";
  /** As written: `./assert.ts`, `ajv/dist/2020.js`, `node:fs`. */
  readonly specifier: string;
  /** The file in the repository, when the specifier is relative. */
  readonly path: string | undefined;
  readonly isType: boolean;
  readonly start: number;
}

/** @throws Error when the text is not TypeScript. */
export function parseSourceFile(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text);
  const fault = errors[0];
  if (fault !== undefined) throw new Error(`${path}: ${fault.message}`);
  const tree: unknown = program;
  if (!isNode(tree)) throw new Error(`${path}: the parser gave no tree`);
  const references: Reference[] = [];
  walk(tree, (node) => {
    const reference = referenceOf(node, path);
    if (reference !== undefined) references.push(reference);
  });
  return { path, text, program: tree, comments, references };
}

/** Visits a node and everything below it, outer nodes first. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parent?: SyntaxNode) => void,
): void {
  const descend = (current: SyntaxNode, parent: SyntaxNode | undefined): void => {
    visit(current, parent);
    for (const child of childrenOf(current)) descend(child, current);
  };
  descend(node, undefined);
}

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flatMap((value: unknown) => {
    if (isNode(value)) return [value];
    return Array.isArray(value) ? value.filter(isNode) : [];
  });
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/** The name of an identifier; undefined for any other node. */
export function nameOf(node: unknown): string | undefined {
  if (!isNode(node) || node.type !== "Identifier") return undefined;
  return typeof node["name"] === "string" ? node["name"] : undefined;
}

/** The number of the line that holds the offset, from 1. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let index = text.indexOf("\n"); index >= 0 && index < offset; line += 1) {
    index = text.indexOf("\n", index + 1);
  }
  return line;
}

const kinds: Readonly<Record<string, Reference["kind"]>> = {
  ImportDeclaration: "import",
  ExportNamedDeclaration: "export",
  ExportAllDeclaration: "export",
  ImportExpression: "dynamic import",
  TSImportType: "type import",
};

function referenceOf(node: SyntaxNode, from: string): Reference | undefined {
  const kind = kinds[node.type];
  const source = node["source"];
  if (kind === undefined || !isNode(source) || typeof source["value"] !== "string")
    return undefined;
  const specifier = source["value"];
  const isRelative = specifier.startsWith("./") || specifier.startsWith("../");
  return {
    kind,
    specifier,
    path: isRelative ? posix.join(posix.dirname(from), specifier) : undefined,
    isType:
      kind === "type import" || node["importKind"] === "type" || node["exportKind"] === "type",
    start: node.start,
  };
}
