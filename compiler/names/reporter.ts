import type { Code } from "../diagnostics/codes.ts";
import type { Diagnostic, Edit, Fix, Label, Span } from "../diagnostics/diagnostic.ts";
import type { Node } from "../syntax/tree.ts";

/** A fault at a node of the file that is being checked; parts that are undefined are left out. */
export interface Fault {
  readonly code: Code;
  readonly at: Node;
  readonly message: string;
  readonly label?: string | undefined;
  readonly related?: readonly Label[] | undefined;
  readonly help?: string | undefined;
  readonly fixes?: readonly Fix[] | undefined;
}

export function spanOf(file: string, node: Node): Span {
  return { file, start: node.start, end: Math.max(node.end, node.start) };
}

export function faultDiagnostic(file: string, fault: Fault): Diagnostic {
  const { code, at, message, label, related, help, fixes } = fault;
  return {
    code,
    severity: "error",
    message,
    span: spanOf(file, at),
    ...(label === undefined ? {} : { label }),
    ...(related === undefined || related.length === 0 ? {} : { related }),
    ...(help === undefined ? {} : { help }),
    ...(fixes === undefined || fixes.length === 0 ? {} : { fixes }),
  };
}

export function replace(file: string, node: Node, text: string): Edit {
  return { span: spanOf(file, node), text };
}

export function insert(file: string, offset: number, text: string): Edit {
  return { span: { file, start: offset, end: offset }, text };
}
