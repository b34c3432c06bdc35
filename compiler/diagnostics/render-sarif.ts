import { catalogue } from "./catalogue.ts";
import type { Code } from "./codes.ts";
import type { Diagnostic, Fix, Span } from "./diagnostic.ts";
import { locator } from "./render-json.ts";
import type { Location } from "./render-json.ts";
import type { Sources } from "./render-text.ts";

/** A SARIF 2.1.0 log (OASIS standard) with one run, as code scanning services read it. */
export function renderSarif(
  diagnostics: readonly Diagnostic[],
  sources: Sources,
  tool: { readonly version: string },
): string {
  const locate = locator(sources);
  const codes = [...new Set(diagnostics.map(({ code }) => code))].sort();
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "agentflow", version: tool.version, rules: codes.map(ruleOf) } },
        columnKind: "utf16CodeUnits",
        results: diagnostics.map((diagnostic) => resultOf(diagnostic, codes, locate)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function ruleOf(code: Code): object {
  const { title, explanation, severity } = catalogue[code];
  return {
    id: code,
    shortDescription: { text: title },
    fullDescription: { text: explanation },
    help: { text: `${explanation}\n\nRead more: agentflow explain ${code}` },
    defaultConfiguration: { level: severity },
  };
}

function resultOf(
  diagnostic: Diagnostic,
  codes: readonly Code[],
  locate: (span: Span) => Location,
): object {
  const { code, severity, message, help, span, related = [], fixes = [] } = diagnostic;
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: help === undefined ? message : `${message}\n${help}` },
    locations: [{ physicalLocation: physical(locate(span)) }],
    ...(related.length > 0 && {
      relatedLocations: related.map((label, id) => ({
        id,
        message: { text: label.message },
        physicalLocation: physical(locate(label.span)),
      })),
    }),
    ...(fixes.length > 0 && { fixes: fixes.map((fix) => fixOf(fix, locate)) }),
  };
}

function fixOf(fix: Fix, locate: (span: Span) => Location): object {
  const files = [...new Set(fix.edits.map(({ span }) => span.file))];
  return {
    description: { text: fix.title },
    artifactChanges: files.map((file) => ({
      artifactLocation: { uri: uriOf(file) },
      replacements: fix.edits
        .filter(({ span }) => span.file === file)
        .map(({ span, text }) => ({
          deletedRegion: regionOf(locate(span)),
          insertedContent: { text },
        })),
    })),
  };
}

function physical(location: Location): object {
  return { artifactLocation: { uri: uriOf(location.file) }, region: regionOf(location) };
}

function regionOf({ start, end }: Location): object {
  return {
    startLine: start.line,
    startColumn: start.column,
    endLine: end.line,
    endColumn: end.column,
    charOffset: start.offset,
    charLength: Math.max(0, end.offset - start.offset),
  };
}

/** A relative path stays relative: the service joins it with the place of the checkout. */
function uriOf(file: string): string {
  const encoded = file.split("/").map(encodeURIComponent).join("/");
  return file.startsWith("/") ? `file://${encoded}` : encoded;
}
