/**
 * A tree without its positions and documentation marks, for comparing what two texts mean: `{ kind, name: { text } }`.
 */
export function plainTree(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(plainTree);
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => !positions.has(key))
      .map(([key, value]) => [key, plainTree(value)]),
  );
}

const positions = new Set(["start", "end", "labelAt", "operatorAt"]);
