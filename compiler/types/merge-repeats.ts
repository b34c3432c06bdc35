import type { Diagnostic, Fix, Label } from "../diagnostics/diagnostic.ts";

const mergeable: readonly string[] = ["AF2001", "AF3002"];

/** The same thing missing at several places is one fault: told at the first, its fixes mend all. */
export function mergeRepeats(all: readonly Diagnostic[]): readonly Diagnostic[] {
  const diagnostics = onePerPlace(all);
  const groups = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    if (!mergeable.includes(diagnostic.code)) continue;
    const key = `${diagnostic.code} ${diagnostic.span.file} ${diagnostic.message}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [diagnostic]);
    else group.push(diagnostic);
  }
  const merged = new Map<Diagnostic, Diagnostic | null>();
  for (const [first, ...rest] of groups.values()) {
    if (first === undefined || rest.length === 0) continue;
    merged.set(first, together(first, rest));
    for (const other of rest) merged.set(other, null);
  }
  if (merged.size === 0) return diagnostics;
  return diagnostics.flatMap((diagnostic) => {
    const replacement = merged.get(diagnostic);
    return replacement === undefined ? [diagnostic] : replacement === null ? [] : [replacement];
  });
}

const shown = 4;

function together(first: Diagnostic, rest: readonly Diagnostic[]): Diagnostic {
  const labels = rest.slice(0, shown).map(({ span }, index): Label => {
    const more = rest.length - shown;
    return {
      span,
      message:
        index === shown - 1 && more > 0 ? `here too, and at ${more} more places` : "here too",
    };
  });
  const fixes = first.fixes?.map((fix): Fix => {
    const others = rest.flatMap(
      (other) => other.fixes?.find(({ title }) => title === fix.title)?.edits ?? [],
    );
    return { ...fix, edits: [...fix.edits, ...others] };
  });
  return {
    ...first,
    related: [...(first.related ?? []), ...labels],
    ...(fixes === undefined ? {} : { fixes }),
  };
}

/** Two faults at the very same place are one: that a name is unknown says most. */
function onePerPlace(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const places = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const { file, start, end } = diagnostic.span;
    const key = `${start} ${end} ${file}`;
    const before = places.get(key);
    if (
      before === undefined ||
      (diagnostic.code === "AF2001" && before.code !== "AF2001") ||
      leadsFromEarlier(diagnostic, before)
    )
      places.set(key, diagnostic);
  }
  if (places.size === diagnostics.length) return diagnostics;
  const kept = new Set(places.values());
  return diagnostics.filter((diagnostic) => kept.has(diagnostic));
}

/** Which declaration is checked first depends on what was edited; where the fault is seen from does not. */
function leadsFromEarlier(one: Diagnostic, other: Diagnostic): boolean {
  if (one.code !== other.code || one.message !== other.message) return false;
  const [place, before] = [one.related?.at(-1)?.span, other.related?.at(-1)?.span];
  return (
    place !== undefined &&
    before !== undefined &&
    place.file === before.file &&
    place.start < before.start
  );
}
