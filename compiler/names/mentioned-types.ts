import type { TypeNode } from "../syntax/tree.ts";

/** The names a type expression mentions, at any depth, each once. */
export function mentionedTypes(root: TypeNode): ReadonlySet<string> {
  const names = new Set<string>();
  const open: TypeNode[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    switch (node.kind) {
      case "named":
        names.add(node.name.text);
        open.push(...node.args);
        break;
      case "union":
        for (const member of node.members) open.push(member.type);
        break;
      case "shape":
        for (const field of node.fields) open.push(field.type);
        break;
      case "list":
        open.push(node.item);
        break;
      case "labelled":
      case "optional":
      case "parenthesizedType":
        open.push(node.type);
        break;
      case "literalType":
      case "errorType":
        break;
    }
  }
  return names;
}
