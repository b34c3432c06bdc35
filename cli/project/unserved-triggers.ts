import type { Plan } from "../../plan/plan.ts";

/** Triggers that the language has and nothing here serves, as they are written: `digest on http("POST /digest")`. */
export function unservedTriggers({ program }: Plan): readonly string[] {
  return Object.values(program.flows).flatMap(({ name, triggers }) =>
    triggers.flatMap((trigger) =>
      trigger.kind === "http"
        ? [`${name} on http("${trigger.method} ${trigger.path}")`]
        : trigger.kind === "slack"
          ? [`${name} on slack("${trigger.topic}")`]
          : [],
    ),
  );
}
