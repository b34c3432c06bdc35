/** One fault of a document, at a path such as `program.flows.triage.body.steps[0].waits`. */
export interface Problem {
  readonly path: string;
  /** Lower case, no full stop, stands alone after the path. */
  readonly message: string;
}

/** Joins the parts of a path: `["flows", "a b", 0]` is `flows["a b"][0]`. */
export function printPath(parts: readonly (string | number)[]): string {
  let path = "";
  for (const part of parts) {
    if (typeof part === "number") path += `[${part}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(part)) path += path === "" ? part : `.${part}`;
    else path += `[${JSON.stringify(part)}]`;
  }
  return path;
}
