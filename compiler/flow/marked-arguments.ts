import type { Diagnostic, Label } from "../diagnostics/diagnostic.ts";
import { clean } from "./taint.ts";
import type { ArgumentTaints, Taint, Trail } from "./taint.ts";

/**
 * The same arguments, with a mark in place of each way that a label has come. What is found out about a flow with them
 * holds for all callers, and the ways of each are filled in.
 */
export function marked(args: ArgumentTaints): ArgumentTaints {
  return new Map(
    [...args].map(([name, { untrusted, private: secretive }]): [string, Taint] => [
      name,
      untrusted === null && secretive === null
        ? clean
        : {
            untrusted: untrusted === null ? null : [markOf("untrusted", name)],
            private: secretive === null ? null : [markOf("private", name)],
          },
    ]),
  );
}

/** Puts the ways in which the arguments came by their labels in place of the marks. */
export function filledTaint({ untrusted, private: secretive }: Taint, args: ArgumentTaints): Taint {
  if (untrusted === null && secretive === null) return clean;
  return {
    untrusted: untrusted === null ? null : filledTrail(untrusted, args),
    private: secretive === null ? null : filledTrail(secretive, args),
  };
}

export function filledDiagnostic(diagnostic: Diagnostic, args: ArgumentTaints): Diagnostic {
  const { related } = diagnostic;
  return related === undefined
    ? diagnostic
    : { ...diagnostic, related: filledTrail(related, args) };
}

/** No file has this path. */
const nowhere = "";

function markOf(label: keyof Taint, name: string): Label {
  return { span: { file: nowhere, start: 0, end: 0 }, message: `${label} ${name}` };
}

function filledTrail(trail: Trail, args: ArgumentTaints): Trail {
  if (!trail.some(({ span }) => span.file === nowhere)) return trail;
  return trail.flatMap((label): Trail => {
    if (label.span.file !== nowhere) return [label];
    const [kind, name = ""] = label.message.split(" ");
    const taint = args.get(name);
    return (kind === "untrusted" ? taint?.untrusted : taint?.private) ?? [];
  });
}
