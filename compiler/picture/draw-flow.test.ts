import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { diskHost } from "../../test/support/disk-host.ts";
import { compile } from "../compile.ts";
import type { Plan } from "../../plan/plan.ts";
import { drawFlow } from "./draw-flow.ts";

const folder = join(import.meta.dirname, "../../test/programs");

function planOf(file: string): Plan {
  const { plan } = compile(diskHost(folder), file);
  if (plan === null) throw new Error(`${file} does not compile`);
  return plan;
}

describe("pictures of flows", () => {
  it("shows phases, branches and what each step waits for as a tree", () => {
    expect(drawFlow(planOf("02-triage.agentflow"), "triage", "ascii")).toBe(
      [
        "triage(text, source)",
        "├─ 1. sentiment = classify [agent]",
        "└─ 2. handled = if urgent  after sentiment",
        "   ├╴then",
        "   │ ├─ 1. ticket = openTicket [tool]",
        "   │ └─ 2. notice = postSlack [tool]  after sentiment, ticket",
        "   ╰╴else",
        "     └─ 1. stored = storeFeedback [tool]  after sentiment",
        "",
      ].join("\n"),
    );
  });

  it("tells people from models and says what can be undone", () => {
    const graph = drawFlow(planOf("06-approval.agentflow"), "answerQuestion", "ascii");
    expect(graph).toContain("decision = colleague [person]  (has a fallback)");
    expect(drawFlow(planOf("05-order-saga.agentflow"), "placeOrder", "ascii")).toContain(
      "undo: refundCharge",
    );
  });

  it("writes each step once as a Mermaid node, and quotes what Mermaid would read as syntax", () => {
    const mermaid = drawFlow(planOf("03-team.agentflow"), "team", "mermaid") ?? "";
    expect(mermaid).toContain("flowchart TD");
    expect(mermaid).toContain("repeat until verdict == #quot;accept#quot;");
    const ids = [...mermaid.matchAll(/^ +(?:subgraph )?(n\d+)[([{]/gm)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    const ends = [...mermaid.matchAll(/^ +end$/gm)].length;
    expect(ends).toBe([...mermaid.matchAll(/^ +subgraph /gm)].length);
  });

  it("balances the braces of a Graphviz document and joins clusters by their anchors", () => {
    const dot = drawFlow(planOf("04-research.agentflow"), "research", "dot") ?? "";
    expect([...dot.matchAll(/\{/g)].length).toBe([...dot.matchAll(/\}/g)].length);
    expect(dot).toContain('lhead="cluster research.found"');
  });

  it("gives the graph itself as JSON", () => {
    const graph = JSON.parse(
      drawFlow(planOf("01-hello.agentflow"), "hello", "json") ?? "null",
    ) as unknown;
    expect(graph).toMatchObject({
      flow: "hello",
      nodes: [{ id: "hello.greeting", kind: "agent" }],
      edges: [],
    });
  });

  it("knows only the flows of the plan", () => {
    expect(drawFlow(planOf("01-hello.agentflow"), "goodbye", "svg")).toBeNull();
  });

  const programs = readdirSync(folder).filter(
    (file) => file.endsWith(".agentflow") && !file.includes(".test."),
  );
  it.each(programs)(
    "places every box of %s inside its parent, without overlap, and reads in the dark",
    (file) => {
      const plan = planOf(file);
      for (const id of Object.keys(plan.program.flows)) {
        const svg = drawFlow(plan, id, "svg") ?? "";
        expect(svg).toContain("prefers-color-scheme: dark");
        expect(svg).not.toMatch(/NaN|undefined|Infinity/);
        expect([...svg.matchAll(/<g /g)].length).toBe([...svg.matchAll(/<\/g>/g)].length);
      }
    },
  );

  it("draws a chain of hundreds of steps", () => {
    const steps = Array.from({ length: 600 }, (_, at) => `step s${at + 1} = t(s${at})`).join("\n");
    const text = `tool t(x: int) -> int { http: "GET https://t.example/", auth: "none" }
flow f(s0: int) -> int {\n${steps}\noutput: s600\n}`;
    const { plan } = compile({ read: () => text }, "main.agentflow");
    if (plan === null) throw new Error("the chain does not compile");
    for (const format of ["svg", "ascii", "mermaid", "dot", "json"] as const)
      expect(drawFlow(plan, "f", format)).toContain("s600");
  });
});
