import type { Diagnostic } from "./diagnostic.ts";
import { locator } from "./render-json.ts";
import type { Sources } from "./render-text.ts";

/** Workflow commands: GitHub shows each diagnostic at its line of a pull request. */
export function renderGithub(diagnostics: readonly Diagnostic[], sources: Sources): string {
  const locate = locator(sources);
  const lines = diagnostics.map((diagnostic) => {
    const { file, start, end } = locate(diagnostic.span);
    const place = [
      `file=${escapeProperty(file)}`,
      `line=${start.line}`,
      `endLine=${end.line}`,
      // GitHub ignores columns of annotations that span lines, and refuses an end before the start.
      ...(start.line === end.line ? [`col=${start.column}`, `endColumn=${end.column}`] : []),
      `title=${escapeProperty(diagnostic.code)}`,
    ];
    const text =
      diagnostic.help === undefined
        ? diagnostic.message
        : `${diagnostic.message}\n${diagnostic.help}`;
    return `::${diagnostic.severity} ${place.join(",")}::${escapeData(text)}\n`;
  });
  return lines.join("");
}

/** Escapes as in the runner's own toolkit: a line break would end the command. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
