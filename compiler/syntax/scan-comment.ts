import { indentOf, isLineBreak, lineEnd } from "./characters.ts";
import type { DiagnosticSink } from "./diagnostic-list.ts";
import type { Comment, Doc } from "./tree.ts";

/** What of a scan comments change. */
export interface CommentSink {
  readonly file: string;
  readonly text: string;
  readonly end: number;
  readonly comments: Comment[];
  readonly docs: Doc[];
  readonly diagnostics: DiagnosticSink;
  pendingDoc: Doc | null;
  position: number;
}

/** Reads a comment: `//`, `///`, or one of another language (`#`, a C block comment), which is reported. */
export function scanComment(sink: CommentSink): void {
  const { text, position: start } = sink;
  if (text.charCodeAt(start) === 35) {
    scanForeign(sink, lineEnd(text, start, sink.end), "#");
    return;
  }
  if (text.charCodeAt(start + 1) === 42) {
    const close = text.indexOf("*/", start + 2);
    const stop = close < 0 || close + 2 > sink.end ? sink.end : close + 2;
    scanForeign(sink, stop, "/*");
    return;
  }
  const stop = lineEnd(text, start, sink.end);
  const isDoc = text.charCodeAt(start + 2) === 47 && text.charCodeAt(start + 3) !== 47;
  sink.comments.push({ start, end: stop, text: text.slice(start, stop), doc: isDoc });
  if (isDoc) addDoc(sink, start, stop);
  sink.position = stop;
}

/** Adjacent `///` lines are one doc comment; one behind code documents nothing, so it stays alone. */
function addDoc(sink: CommentSink, start: number, end: number): void {
  const { text, docs } = sink;
  const line = text
    .slice(start + 3, end)
    .replace(/^ /, "")
    .trimEnd();
  if (indentOf(text, start) < 0) {
    docs.push({ start, end, text: line });
    return;
  }
  const open = sink.pendingDoc;
  if (open === null || !isNextLine(text, open.end, start)) {
    sink.pendingDoc = { start, end, text: line };
    docs.push(sink.pendingDoc);
    return;
  }
  sink.pendingDoc = { start: open.start, end, text: `${open.text}\n${line}` };
  docs[docs.length - 1] = sink.pendingDoc;
}

function isNextLine(text: string, from: number, to: number): boolean {
  let breaks = 0;
  for (let offset = from; offset < to; offset += 1) {
    const code = text.charCodeAt(offset);
    if (isLineBreak(code) && !(code === 10 && text.charCodeAt(offset - 1) === 13)) breaks += 1;
  }
  return breaks === 1;
}

function scanForeign(sink: CommentSink, stop: number, marker: "#" | "/*"): void {
  const { file, text, position: start } = sink;
  const content = text.slice(start + marker.length, stop).replace(/\*\/$/, "");
  const lines = content.split(/\r\n?|\n/).map((line) => line.replace(/^\s*\*?/, "").trim());
  const rest = lineEnd(text, stop, text.length);
  const isAlone = text.slice(stop, rest).trim() === "";
  const span = { file, start, end: Math.min(stop, lineEnd(text, start, stop)) };
  sink.diagnostics.push({
    code: "AF1001",
    severity: "error",
    message: `a comment starts with \`//\`, not with \`${marker}\``,
    span,
    help: "write `//` and the comment up to the end of the line; `///` documents what follows",
    ...(isAlone && {
      fixes: [
        {
          title: "turn it into `//` comments",
          edits: [{ span: { file, start, end: stop }, text: commentLines(lines, text, start) }],
          safe: true,
        },
      ],
    }),
  });
  sink.position = stop;
}

function commentLines(lines: readonly string[], text: string, start: number): string {
  const filled = lines.filter(
    (line, index) => line !== "" || (index > 0 && index < lines.length - 1),
  );
  const indent = " ".repeat(Math.max(indentOf(text, start), 0));
  const written = filled.length === 0 ? [""] : filled;
  return written.map((line) => `// ${line}`.trimEnd()).join(`\n${indent}`);
}
