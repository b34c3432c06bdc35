import type { Plan } from "../../plan/plan.ts";
import { asciiPicture } from "./ascii.ts";
import { dotPicture } from "./dot.ts";
import { flowGraph } from "./flow-graph.ts";
import { mermaidPicture } from "./mermaid.ts";
import { svgPicture } from "./svg.ts";

export const pictureFormats = ["mermaid", "dot", "svg", "ascii", "json"] as const;
export type PictureFormat = (typeof pictureFormats)[number];

/** Draws one flow of a plan; null when the plan has no flow of that id. The text ends with a line break. */
export function drawFlow(plan: Plan, flowId: string, format: PictureFormat): string | null {
  const flow = plan.program.flows[flowId];
  if (flow === undefined) return null;
  const graph = flowGraph(plan, flow);
  switch (format) {
    case "mermaid":
      return mermaidPicture(graph);
    case "dot":
      return dotPicture(graph);
    case "svg":
      return svgPicture(graph);
    case "ascii":
      return asciiPicture(graph);
    case "json":
      return `${JSON.stringify(graph, null, 2)}\n`;
  }
}
