/**
 * Who waits for whom. Nodes are texts, kept in the order in which they were added, so every answer depends on
 * the program only.
 */
export class DependencyGraph {
  /** What each node waits for. Plain sets, because every block of every flow has such a graph. */
  readonly #dependencies = new Map<string, Set<string>>();

  add(node: string): void {
    this.#entry(node);
  }

  /** `node` waits for `dependency`; both are added if they are new. */
  depend(node: string, dependency: string): void {
    this.#entry(node).add(dependency);
    this.#entry(dependency);
  }

  dependenciesOf(node: string): readonly string[] {
    return [...(this.#dependencies.get(node) ?? [])];
  }

  /**
   * One shortest cycle of every group of nodes that wait for one another: `["a", "b"]` says that a waits for b and b
   * for a. A node that waits for itself is a cycle of one.
   */
  cycles(): readonly (readonly string[])[] {
    // Sorting is cheaper than looking for knots, and almost every graph can be sorted.
    if (this.phases().size === this.#dependencies.size) return [];
    const cycles: (readonly string[])[] = [];
    for (const group of this.#components()) {
      const members = new Set(group);
      // A huge knot is a fault of a generated file; a short cycle from some of its nodes explains it as well.
      const starts = this.#inOrder(group).slice(0, 100);
      const candidates = starts
        .map((node) => this.#shortestCycle(node, members))
        .filter((cycle) => cycle !== null);
      const [shortest] = candidates.sort((left, right) => left.length - right.length);
      if (shortest !== undefined) cycles.push(shortest);
    }
    return cycles;
  }

  /** For each node the length of the longest chain it waits for; nodes on or behind a cycle are left out. */
  phases(): ReadonlyMap<string, number> {
    const phases = new Map<string, number>();
    const waiting = new Map<string, number>();
    const dependents = new Map<string, string[]>();
    for (const [node, dependencies] of this.#dependencies) {
      waiting.set(node, dependencies.size);
      for (const dependency of dependencies) {
        const known = dependents.get(dependency);
        if (known === undefined) dependents.set(dependency, [node]);
        else known.push(node);
      }
    }
    let ready = [...waiting].filter(([, count]) => count === 0).map(([node]) => node);
    for (let phase = 0; ready.length > 0; phase += 1) {
      const next: string[] = [];
      for (const node of ready) {
        phases.set(node, phase);
        for (const dependent of dependents.get(node) ?? []) {
          const left = (waiting.get(dependent) ?? 0) - 1;
          waiting.set(dependent, left);
          if (left === 0) next.push(dependent);
        }
      }
      ready = next;
    }
    return phases;
  }

  #entry(node: string): Set<string> {
    let entry = this.#dependencies.get(node);
    if (entry === undefined) this.#dependencies.set(node, (entry = new Set()));
    return entry;
  }

  /** Groups of nodes that reach one another (Tarjan, with a stack of its own so that long chains are no danger). */
  #components(): readonly (readonly string[])[] {
    const index = new Map<string, number>();
    const low = new Map<string, number>();
    const open: string[] = [];
    const isOpen = new Set<string>();
    const components: string[][] = [];
    for (const root of this.#dependencies.keys()) {
      if (index.has(root)) continue;
      const work: { readonly node: string; readonly next: string[] }[] = [];
      const enter = (node: string) => {
        index.set(node, index.size);
        low.set(node, index.get(node) ?? 0);
        open.push(node);
        isOpen.add(node);
        work.push({ node, next: [...this.dependenciesOf(node)].reverse() });
      };
      enter(root);
      for (let frame = work.at(-1); frame !== undefined; frame = work.at(-1)) {
        const { node } = frame;
        const dependency = frame.next.pop();
        if (dependency === undefined) {
          work.pop();
          const parent = work.at(-1);
          if (parent !== undefined)
            low.set(parent.node, Math.min(low.get(parent.node) ?? 0, low.get(node) ?? 0));
          if (low.get(node) === index.get(node))
            components.push(closeComponent(node, open, isOpen));
        } else if (!index.has(dependency)) {
          enter(dependency);
        } else if (isOpen.has(dependency)) {
          low.set(node, Math.min(low.get(node) ?? 0, index.get(dependency) ?? 0));
        }
      }
    }
    return components;
  }

  #inOrder(group: readonly string[]): readonly string[] {
    if (group.length < 2) return group;
    const members = new Set(group);
    return [...this.#dependencies.keys()].filter((node) => members.has(node));
  }

  /** Breadth first from `start` until an edge leads back to it. */
  #shortestCycle(start: string, members: ReadonlySet<string>): readonly string[] | null {
    const from = new Map<string, string>();
    const queue = [start];
    for (const node of queue) {
      for (const dependency of this.dependenciesOf(node)) {
        if (dependency === start) return pathTo(node, start, from);
        if (!members.has(dependency) || from.has(dependency)) continue;
        from.set(dependency, node);
        queue.push(dependency);
      }
    }
    return null;
  }
}

function closeComponent(root: string, open: string[], isOpen: Set<string>): string[] {
  const component = open.splice(open.lastIndexOf(root));
  for (const node of component) isOpen.delete(node);
  return component;
}

function pathTo(end: string, start: string, from: ReadonlyMap<string, string>): readonly string[] {
  const path = [end];
  for (let node = end; node !== start;) {
    node = from.get(node) ?? start;
    path.unshift(node);
  }
  return path;
}
