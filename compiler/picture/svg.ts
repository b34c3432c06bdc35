/** A self-contained SVG that follows the reader's light or dark colour scheme. */

import type { Box, Route } from "./box.ts";
import type { FlowGraph } from "./flow-graph.ts";
import { layoutFlow, lineHeight, padding } from "./layout.ts";

const style = `
  .flow { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
  .flow text { fill: #1f2430; }
  .flow .note { fill: #5b6372; }
  .flow rect { fill: #ffffff; stroke: #98a1b0; stroke-width: 1.2; }
  .flow .page { fill: #ffffff; stroke: none; }
  .flow .group > rect { fill: #f4f6f9; stroke-dasharray: 4 3; }
  .flow .agent > rect, .flow .role > rect { fill: #e9f0ff; stroke: #4a74d8; }
  .flow .person > rect { fill: #fff3dc; stroke: #c98a12; }
  .flow .tool > rect { fill: #e6f6ec; stroke: #3b9460; }
  .flow .flow-call > rect { fill: #f3eafc; stroke: #8a57c4; }
  .flow path { fill: none; stroke: #5b6372; stroke-width: 1.4; }
  .flow marker path { fill: #5b6372; stroke: none; }
  @media (prefers-color-scheme: dark) {
    .flow text { fill: #e6e9ef; }
    .flow .note { fill: #a3acba; }
    .flow rect { fill: #20242c; stroke: #6b7484; }
    .flow .page { fill: #14171c; }
    .flow .group > rect { fill: #191d24; }
    .flow .agent > rect, .flow .role > rect { fill: #1c2a4a; stroke: #7ea2f5; }
    .flow .person > rect { fill: #40310f; stroke: #e0ac44; }
    .flow .tool > rect { fill: #17352a; stroke: #62c08a; }
    .flow .flow-call > rect { fill: #33234a; stroke: #b78cec; }
    .flow path { stroke: #a3acba; }
    .flow marker path { fill: #a3acba; }
  }`;

export function svgPicture(graph: FlowGraph): string {
  const root = layoutFlow(graph);
  const [width, height] = [Math.ceil(root.width), Math.ceil(root.height)];
  const size = `width="${String(width)}" height="${String(height)}" viewBox="0 0 ${String(width)} ${String(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="flow" role="img" ${size}>`,
    `<title>${escape(`Flow ${graph.signature}`)}</title>`,
    `<style>${style}\n</style>`,
    `<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">` +
      `<path d="M0 0 L8 4 L0 8 z"/></marker></defs>`,
    `<rect class="page" width="${String(width)}" height="${String(height)}"/>`,
    ...boxLines(root),
    `</svg>`,
    "",
  ].join("\n");
}

function boxLines(box: Box): string[] {
  const isPage = box.id === "";
  const text = box.lines.map(
    (line, index) =>
      `<text${index > 0 ? ' class="note"' : ""} x="${String(padding)}" y="${String(padding + lineHeight * (index + 0.75))}">${escape(line)}</text>`,
  );
  const doc = box.node?.doc ?? null;
  return [
    `<g class="${className(box)}" transform="translate(${round(box.x)} ${round(box.y)})">`,
    ...(doc === null ? [] : [`<title>${escape(doc)}</title>`]),
    ...(isPage ? [] : [`<rect rx="6" width="${round(box.width)}" height="${round(box.height)}"/>`]),
    ...text,
    ...box.routes.map(routeLine),
    ...box.children.flatMap(boxLines),
    `</g>`,
  ];
}

function className(box: Box): string {
  if (box.children.length > 0 || box.node === null) return "group";
  return box.node.kind === "flow" ? "flow-call" : box.node.kind;
}

function routeLine(route: Route): string {
  const [first, ...rest] = route.points;
  if (first === undefined) return "";
  const path = rest.map((point) => `L${round(point.x)} ${round(point.y)}`).join(" ");
  return `<path d="M${round(first.x)} ${round(first.y)} ${path}" marker-end="url(#arrow)"/>`;
}

function round(length: number): string {
  return String(Math.round(length * 10) / 10);
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
