import type { Action, Block, Expression } from "../syntax/tree.ts";

/** The names an expression, action or block mentions, at any depth, each once. Settings count too. */
export function mentionedNames(root: Expression | Action | Block): ReadonlySet<string> {
  const names = new Set<string>();
  const open: unknown[] = [root];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== "object" || node === null) continue;
    if (Array.isArray(node)) {
      open.push(...(node as readonly unknown[]));
      continue;
    }
    if ("kind" in node && node.kind === "name" && "name" in node) addName(node.name, names);
    if ("kind" in node && node.kind === "recordField" && "value" in node && node.value === null) {
      addName("key" in node ? node.key : undefined, names);
    }
    for (const value of Object.values(node)) if (typeof value === "object") open.push(value);
  }
  return names;
}

function addName(name: unknown, names: Set<string>): void {
  if (
    typeof name === "object" &&
    name !== null &&
    "text" in name &&
    typeof name.text === "string"
  ) {
    names.add(name.text);
  }
}

/** What `root` needs, each after what it needs itself; without recursion, because chains may be long. */
export function inOrderOfNeed<T>(root: T, needsOf: (item: T) => readonly T[]): readonly T[] {
  const order: T[] = [];
  const seen = new Set<T>([root]);
  const open: { readonly item: T; readonly needs: readonly T[]; next: number }[] = [
    { item: root, needs: needsOf(root), next: 0 },
  ];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const need = top.needs[top.next];
    top.next += 1;
    if (need === undefined) {
      order.push(top.item);
      open.pop();
    } else if (!seen.has(need)) {
      seen.add(need);
      open.push({ item: need, needs: needsOf(need), next: 0 });
    }
  }
  return order;
}
