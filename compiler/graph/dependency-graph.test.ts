import { describe, expect, it } from "vitest";

import { DependencyGraph } from "./dependency-graph.ts";

function graph(...edges: readonly string[]): DependencyGraph {
  const result = new DependencyGraph();
  for (const edge of edges) {
    const [node, dependency] = edge.split(">");
    if (node !== undefined && dependency !== undefined) result.depend(node, dependency);
  }
  return result;
}

describe("DependencyGraph", () => {
  it("gives each node the length of its longest chain", () => {
    const phases = graph("d>b", "d>c", "b>a", "c>b").phases();
    expect(Object.fromEntries(phases)).toEqual({ a: 0, b: 1, c: 2, d: 3 });
  });

  it("finds a shortest cycle in each knot", () => {
    expect(graph("a>b", "b>c", "c>a", "c>b", "x>x", "y>a").cycles()).toEqual([["b", "c"], ["x"]]);
    expect(graph("a>b", "b>c").cycles()).toEqual([]);
  });

  it("leaves nodes on or behind a cycle without a phase", () => {
    expect([...graph("a>b", "b>a", "c>a", "d>e").phases().keys()]).toEqual(["e", "d"]);
  });

  it("takes long chains", () => {
    const long = new DependencyGraph();
    for (let node = 0; node < 50_000; node += 1) long.depend(String(node), String(node + 1));
    expect(long.cycles()).toEqual([]);
    expect(long.phases().get("0")).toBe(50_000);
  });
});
