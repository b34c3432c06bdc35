import type { Rule, Violation } from "../rule.ts";

/** No file imports itself by way of others, types included: a cycle has no first file to read. */
export const importCycles: Rule = ({ sources }) => {
  const edges = new Map(
    sources.map((source) => [
      source.path,
      source.references.flatMap(({ path }) => (path === undefined ? [] : [path])),
    ]),
  );
  const violations: Violation[] = [];
  const state = new Map<string, "open" | "done">();
  const trail: string[] = [];
  const visit = (file: string): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      const cycle = [...trail.slice(trail.indexOf(file)), file];
      violations.push({ file, line: 1, message: `import cycle: ${cycle.join(" → ")}` });
      return;
    }
    state.set(file, "open");
    trail.push(file);
    for (const next of edges.get(file) ?? []) visit(next);
    trail.pop();
    state.set(file, "done");
  };
  for (const file of edges.keys()) visit(file);
  return violations;
};
