import { codeFrame } from "./code-frame.ts";
import type { Annotation } from "./code-frame.ts";
import type { Diagnostic, Fix, Severity, Span } from "./diagnostic.ts";
import { sourceLines } from "./source-lines.ts";
import type { SourceLines } from "./source-lines.ts";
import { theme } from "./theme.ts";
import type { Paint, Style } from "./theme.ts";
import { wrapText } from "./wrap-text.ts";

export interface RenderTextOptions {
  readonly color: boolean;
  /** Columns of the terminal; rows are kept within it where words allow. 100 if absent. */
  readonly width?: number;
}

/** Text of the files by path. A file that is missing is named without its lines. */
export type Sources = ReadonlyMap<string, string>;

/** Diagnostics as a person reads them, in the order given, one blank line between them; "" for none. */
export function renderText(
  diagnostics: readonly Diagnostic[],
  sources: Sources,
  options: RenderTextOptions,
): string {
  const cache = new Map<string, SourceLines>();
  const context: Context = {
    paint: theme(options.color),
    width: Math.max(40, options.width ?? 100),
    lines: (file) => {
      const known = cache.get(file);
      const text = sources.get(file);
      if (known !== undefined || text === undefined) return known;
      const lines = sourceLines(text);
      cache.set(file, lines);
      return lines;
    },
  };
  return diagnostics.map((diagnostic) => `${render(diagnostic, context)}\n`).join("\n");
}

interface Context {
  readonly paint: Paint;
  readonly width: number;
  lines(file: string): SourceLines | undefined;
}

function render(diagnostic: Diagnostic, context: Context): string {
  const { paint } = context;
  const gutter = gutterWidth(diagnostic, context);
  const rows = header(diagnostic, paint);
  const files = [...new Set(spansOf(diagnostic).map(({ file }) => file))];
  let framed = false;
  for (const file of files) {
    const section = fileSection({ diagnostic, file, gutter, context });
    framed ||= section.length > 1;
    rows.push(...section);
  }
  const notes = notesOf(diagnostic, { gutter, context });
  if (framed && notes.length > 0) rows.push(paint("gutter", `${" ".repeat(gutter)} |`));
  return [...rows, ...notes].join("\n");
}

function header({ severity, code, message }: Diagnostic, paint: Paint): string[] {
  const [first = "", ...rest] = message.split("\n");
  return [
    `${paint(severityStyle(severity), `${severity}[${code}]`)}${paint("strong", `: ${first}`)}`,
    ...rest.map((line) => `  ${paint(diffStyle(line), line)}`),
  ];
}

function severityStyle(severity: Severity): Style {
  return severity === "error" ? "error" : "warning";
}

/** Types that differ are printed line by line, with `-` and `+` before the parts that do. */
function diffStyle(line: string): Style {
  if (/^\s*- /.test(line)) return "removed";
  return /^\s*\+ /.test(line) ? "added" : "plain";
}

function spansOf({ span, related = [] }: Diagnostic): Span[] {
  return [span, ...related.map((label) => label.span)];
}

function gutterWidth(diagnostic: Diagnostic, context: Context): number {
  const numbers = spansOf(diagnostic).map(({ file, start, end }) => {
    return context.lines(file)?.position(Math.max(start, end)).line ?? 1;
  });
  return String(Math.max(...numbers)).length + 1;
}

function fileSection(options: {
  readonly diagnostic: Diagnostic;
  readonly file: string;
  readonly gutter: number;
  readonly context: Context;
}): string[] {
  const { diagnostic, file, gutter, context } = options;
  const { paint } = context;
  const isPrimary = diagnostic.span.file === file;
  const annotations = annotationsIn(diagnostic, file);
  const source = context.lines(file);
  const arrow = paint("gutter", `${" ".repeat(gutter)}${isPrimary ? "-->" : ":::"}`);
  if (source === undefined) return [`${arrow} ${file}`];
  const { line, column } = source.position(annotations[0]?.start ?? 0);
  const blank = paint("gutter", `${" ".repeat(gutter)} |`);
  const frame = codeFrame({ source, annotations, width: context.width, gutter, paint });
  return [`${arrow} ${file}:${line}:${column}`, blank, ...frame];
}

function annotationsIn(diagnostic: Diagnostic, file: string): Annotation[] {
  const annotations: Annotation[] = [];
  if (diagnostic.span.file === file) {
    const { start, end } = diagnostic.span;
    const style = severityStyle(diagnostic.severity);
    annotations.push({ start, end, label: diagnostic.label ?? "", style, primary: true });
  }
  for (const { span, message } of diagnostic.related ?? []) {
    if (span.file !== file) continue;
    const { start, end } = span;
    // Two ways may lead through one place; it is shown once.
    const isShown = annotations.some(
      (one) => one.start === start && one.end === end && one.label === message,
    );
    if (isShown) continue;
    annotations.push({ start, end, label: message, style: "secondary", primary: false });
  }
  return annotations;
}

function notesOf(
  diagnostic: Diagnostic,
  { gutter, context }: { readonly gutter: number; readonly context: Context },
): string[] {
  const notes: (readonly [string, string])[] = [];
  if (diagnostic.help !== undefined) notes.push(["help", diagnostic.help]);
  for (const fix of diagnostic.fixes ?? []) notes.push(["fix available", fixText(fix)]);
  return notes.flatMap(([name, text]) => {
    const lead = `${" ".repeat(gutter)} = ${name}: `;
    const wrapped = wrapText(text, Math.max(20, context.width - lead.length));
    return wrapped.map((line, index) =>
      index === 0
        ? context.paint("gutter", `${" ".repeat(gutter)} =`) +
          ` ${context.paint("help", name)}: ${line}`
        : " ".repeat(lead.length) + context.paint(diffStyle(line), line),
    );
  });
}

function fixText({ title, safe }: Fix): string {
  return safe ? `${title} (\`agentflow check --fix\`)` : `${title} (look at it first)`;
}
