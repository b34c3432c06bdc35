import type { StepStatus, StepView } from "../../runner/index.ts";

/** A step, an item `[api]` or a round `#2`, with what happened inside it. */
export interface StepNode {
  /** Segment of the path: `review`, `[api]`, `#2`. */
  readonly segment: string;
  readonly view: StepView | null;
  readonly status: StepStatus;
  readonly children: readonly StepNode[];
}

interface Draft {
  readonly segment: string;
  view: StepView | null;
  readonly children: Map<string, Draft>;
}

/** Arranges steps by their paths; the flow's own segment is left out. */
export function stepTree(steps: readonly StepView[]): readonly StepNode[] {
  const root: Draft = { segment: "", view: null, children: new Map() };
  for (const view of steps) {
    let at = root;
    for (const segment of pathSegments(view.path).slice(1)) {
      let next = at.children.get(segment);
      if (next === undefined) {
        next = { segment, view: null, children: new Map() };
        at.children.set(segment, next);
      }
      at = next;
    }
    if (at !== root) at.view = view;
  }
  return [...root.children.values()].map(finish);
}

/** `team.solutions[api].accepted#2.review` is team, solutions, [api], accepted, #2, review. */
export function pathSegments(path: string): readonly string[] {
  const segments: string[] = [];
  let current = "";
  let depth = 0;
  for (const character of path) {
    const starts =
      depth === 0 &&
      (character === "." || character === "[" || character === "#" || character === "!");
    if (starts && current !== "") {
      segments.push(current);
      current = "";
    }
    if (character === "[") depth += 1;
    if (!starts || character !== ".") current += character;
    if (character === "]") depth = Math.max(0, depth - 1);
  }
  if (current !== "") segments.push(current);
  return segments;
}

function finish(draft: Draft): StepNode {
  const children = [...draft.children.values()].map(finish);
  return {
    segment: draft.segment,
    view: draft.view,
    status: draft.view?.status ?? joinedStatus(children),
    children,
  };
}

/** What an item or a round is, as seen from its steps. */
function joinedStatus(children: readonly StepNode[]): StepStatus {
  const order: readonly StepStatus[] = [
    "failed",
    "retrying",
    "running",
    "waiting",
    "cancelled",
    "pending",
  ];
  for (const status of order) {
    if (children.some((child) => child.status === status)) return status;
  }
  return children.length === 0 ? "pending" : "succeeded";
}
