/**
 * All that the roots depend on and they themselves, each behind what it depends on. In a circle, whatever was reached
 * first comes last. Without recursion: generated programs have chains of thousands.
 */
export function postOrder<Node>(
  roots: Iterable<Node>,
  sourcesOf: (node: Node) => readonly Node[],
): readonly Node[] {
  const ordered: Node[] = [];
  const entered = new Set<Node>();
  const done = new Set<Node>();
  for (const root of roots) {
    const open = [root];
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      const missing = entered.has(last)
        ? []
        : sourcesOf(last).filter((source) => !entered.has(source));
      entered.add(last);
      for (const source of missing) open.push(source);
      if (missing.length > 0) continue;
      open.pop();
      if (done.has(last)) continue;
      done.add(last);
      ordered.push(last);
    }
  }
  return ordered;
}
