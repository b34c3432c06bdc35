/** A syntax tree as an indented outline that a person can read and compare. */

export function treeText(tree: object): string {
  const lines: string[] = [];
  write({ key: "", value: tree, depth: 0, lines });
  return `${lines.join("\n")}\n`;
}

interface Writing {
  readonly key: string;
  readonly value: unknown;
  readonly depth: number;
  readonly lines: string[];
}

function write({ key, value, depth, lines }: Writing): void {
  const indent = "  ".repeat(depth);
  const prefix = key === "" ? indent : `${indent}${key}: `;
  if (value === null || typeof value !== "object") {
    lines.push(`${prefix}${JSON.stringify(value)}`);
    return;
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return;
    lines.push(`${prefix}[${String(value.length)}]`);
    for (const item of value) write({ key: "", value: item, depth: depth + 1, lines });
    return;
  }
  const node = value as { readonly [name: string]: unknown };
  if ("text" in node && !("kind" in node) && !("doc" in node)) {
    lines.push(`${prefix}${JSON.stringify(node["text"])}${range(node)}`);
    return;
  }
  lines.push(`${prefix}${typeof node["kind"] === "string" ? node["kind"] : "node"}${range(node)}`);
  for (const [name, child] of Object.entries(node)) {
    if (["kind", "start", "end"].includes(name) || child === null) continue;
    write({ key: name, value: child, depth: depth + 1, lines });
  }
}

function range(node: { readonly [name: string]: unknown }): string {
  return typeof node["start"] === "number"
    ? ` ${String(node["start"])}..${String(node["end"])}`
    : "";
}
