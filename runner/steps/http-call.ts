import { compileExpression } from "../../plan/evaluate/compile-expression.ts";
import { namesOf, type Evaluator, type Names } from "../../plan/evaluate/names.ts";
import { printValue } from "../../plan/evaluate/print-value.ts";
import type { Expression, FileValue, Json } from "../../plan/expression.ts";
import type { AuthPlan, HttpReach, Program, ToolPlan } from "../../plan/plan.ts";
import type { Files } from "../ports/files.ts";
import type { HttpBody, HttpCall } from "../ports/tool.ts";

type JsonRecord = { readonly [name: string]: Json };

export type BuildHttpCall = (call: {
  readonly arguments: JsonRecord;
  readonly config: JsonRecord;
  readonly secrets: readonly string[];
  readonly key: string;
  readonly files: Files;
}) => Promise<HttpCall>;

/**
 * Prepares the mapping of a tool's parameters to requests:
 * - parameters in the URL are percent-encoded; a `config` value at its start is taken as it is;
 * - the others are the JSON body, or the query of GET, HEAD and DELETE;
 * - `headers`, `query` and `body` of the tool replace what they name.
 */
export function prepareHttpCall(
  tool: ToolPlan,
  reach: HttpReach,
  schemas: Program["schemas"],
): BuildHttpCall {
  const compile = (expression: Expression | undefined): Evaluator | undefined =>
    expression === undefined ? undefined : compileExpression(expression, schemas);
  const url = compileUrl(reach.url, schemas);
  const query = compile(reach.query);
  const headers = compile(reach.headers);
  const body = compile(reach.body);
  const auth = compileAuth(reach.auth, schemas);
  const inUrl = new Set(reach.inUrl);
  const method = reach.method.toUpperCase();
  const bodyless = method === "GET" || method === "HEAD" || method === "DELETE";
  const idempotencyHeader = typeof tool.idempotency === "string" ? tool.idempotency : undefined;
  const returns = schemas[tool.returns];

  return async (call) => {
    const names = namesOf(call.arguments, call.config);
    const rest = Object.fromEntries(
      Object.entries(call.arguments).filter(([name]) => !inUrl.has(name)),
    );
    const queryValues = query === undefined ? (bodyless ? rest : {}) : (query(names) as JsonRecord);
    const bodyValue = body === undefined ? (bodyless ? undefined : rest) : body(names);
    const credentials = auth(names);
    const given = textRecord(headers === undefined ? {} : (headers(names) as JsonRecord));
    return {
      method,
      url: withQuery(url(names), queryValues),
      headers: {
        ...given,
        ...credentials,
        ...(idempotencyHeader === undefined ? {} : { [idempotencyHeader]: headerSafe(call.key) }),
      },
      body: await bodyOf(bodyValue, { mime: mimeOf(given), files: call.files }),
      errorsByStatus: tool.errors.byStatus,
      ignoreBody: returns?.["type"] === "null",
      expectsText: returns?.["type"] === "string",
      // Of a user and password together no secret alone is recognised.
      secrets: [
        ...call.secrets,
        ...Object.values(credentials).map((value) => value.replace(/^\w+ /, "")),
      ],
    };
  };
}

function compileUrl(url: Expression, schemas: Program["schemas"]): (names: Names) => string {
  if (url.op !== "template") {
    const whole = compileExpression(url, schemas);
    return (names) => String(whole(names));
  }
  const parts = url.parts.map((part, index) => {
    if (typeof part === "string") return () => part;
    const value = compileExpression(part.value, schemas);
    const atStart = index === 0 && part.value.op === "config";
    const next = url.parts[index + 1];
    if (atStart) {
      // `https://host/` and `/path` meet with one slash, however the address was configured.
      const cut = typeof next === "string" && next.startsWith("/");
      return (names: Names) => String(value(names)).replace(cut ? /\/+$/ : /$^/, "");
    }
    return (names: Names) => encodeURIComponent(printValue(value(names), part.print));
  });
  return (names) => parts.map((part) => part(names)).join("");
}

function compileAuth(
  auth: AuthPlan | undefined,
  schemas: Program["schemas"],
): (names: Names) => Record<string, string> {
  const text = (expression: Expression): ((names: Names) => string) => {
    const evaluator = compileExpression(expression, schemas);
    return (names) => String(evaluator(names) ?? "");
  };
  switch (auth?.kind) {
    case "bearer": {
      const token = text(auth.token);
      return (names) => ({ authorization: `Bearer ${token(names)}` });
    }
    case "basic": {
      const [user, password] = [text(auth.user), text(auth.password)];
      return (names) => ({
        authorization: `Basic ${Buffer.from(`${user(names)}:${password(names)}`).toString("base64")}`,
      });
    }
    case "header": {
      const [header, value] = [text(auth.header), text(auth.value)];
      return (names) => ({ [header(names)]: value(names) });
    }
    case "none":
    case undefined:
      return () => ({});
  }
}

/** Null is left out, a list repeats its name, a record is JSON. */
function withQuery(url: string, values: JsonRecord): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    for (const item of Array.isArray(value) ? (value as readonly Json[]) : [value]) {
      if (item !== null)
        pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(textOf(item))}`);
    }
  }
  if (pairs.length === 0) return url;
  const [place = "", fragment] = url.split("#");
  const separator = place.includes("?") ? "&" : "?";
  return `${place}${separator}${pairs.join("&")}${fragment === undefined ? "" : `#${fragment}`}`;
}

function textRecord(values: JsonRecord): Record<string, string> {
  const entries = Object.entries(values).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, textOf(value)]));
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Headers take Latin letters only; a path may hold an item's key in any script. */
function headerSafe(key: string): string {
  return /^[\x20-\x7e]*$/.test(key) ? key : encodeURIComponent(key);
}

/** What the program itself says its body is. */
function mimeOf(headers: { readonly [name: string]: string }): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
}

/** A body that is a file is sent as its bytes, and text that the program calls something other than JSON as it is. */
async function bodyOf(
  value: Json | undefined,
  { mime, files }: { readonly mime: string | undefined; readonly files: Files },
): Promise<HttpBody> {
  if (value === undefined) return { kind: "none" };
  if (isFileValue(value))
    return { kind: "bytes", mime: value.mime, bytes: await bytesOf(value, files) };
  if (typeof value === "string" && mime !== undefined && !/\bjson\b/i.test(mime))
    return { kind: "bytes", mime, bytes: new TextEncoder().encode(value) };
  return { kind: "json", value };
}

/** @throws when they are gone: nothing at all would be sent in their place, and nobody would notice. */
export async function bytesOf(file: FileValue, files: Files): Promise<Uint8Array> {
  const bytes = await files.read(file.sha256);
  if (bytes === undefined)
    throw new Error(`the content of the file ${file.name} is no longer stored`);
  return bytes;
}

export function isFileValue(value: Json): value is Json & FileValue {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { name, mime, size, sha256, ...rest } = value as { readonly [key: string]: Json };
  return (
    typeof name === "string" &&
    typeof mime === "string" &&
    typeof size === "number" &&
    typeof sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    Object.keys(rest).length === 0
  );
}
