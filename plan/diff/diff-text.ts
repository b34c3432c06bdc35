import type { PlanDiff } from "./diff-plans.ts";

const signs = { added: "+", removed: "-", changed: "~" } as const;

/** A diff for people, without colour. Ends with a line break. */
export function diffText(diff: PlanDiff): string {
  if (diff.groups.length === 0) return "The plans are the same.\n";
  const groups = diff.groups.map((group) => {
    const changes = group.changes.map((change) =>
      [
        `  ${signs[change.kind]} ${change.subject}`,
        ...change.details.map((line) => `      ${line}`),
      ].join("\n"),
    );
    return `${group.title}\n${changes.join("\n")}\n`;
  });
  return groups.join("\n");
}
