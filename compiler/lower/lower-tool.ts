import type { AuthPlan, HttpReach, ToolPlan } from "../../plan/plan.ts";
import type { Expression as PlanExpression, Json } from "../../plan/expression.ts";
import { namesInExpression } from "../flow/names-in.ts";
import { toolEffect } from "../flow/tool-effect.ts";
import { settingSymbol } from "../flow/uses.ts";
import { constantOf, follow, writtenRecord, writtenSetting } from "../flow/written.ts";
import type { Written } from "../flow/written.ts";
import type { CheckedTool } from "../types/checked.ts";
import { fileScope } from "./lower-context.ts";
import type { LowerContext, Scope } from "./lower-context.ts";
import { lowerParams } from "./lower-agent.ts";
import {
  constant,
  lowerCache,
  lowerCircuit,
  lowerRate,
  lowerRetry,
  lowerWritten,
  settingConstant,
  settingEntries,
  settingExpression,
  settingNumber,
  settingText,
  when,
} from "./lower-settings.ts";
import type { Settings } from "./lower-settings.ts";

const defaultTimeoutMs = 30_000;

export function lowerTool(tool: CheckedTool, context: LowerContext): ToolPlan | null {
  const scope = fileScope(context, tool.symbol.file);
  if (scope === null) return null;
  const { settings, signature } = tool;
  const reach = lowerReach(tool, scope);
  if (reach === null) return null;
  const effect = toolEffect(context.program, tool);
  const confirm = settingSymbol(context.program, settings.get("confirm"));
  const untrusted =
    reach.kind === "module" ? signature.returnLabels.untrusted : !signature.returnLabels.trusted;
  return {
    params: lowerParams(signature.params, scope),
    returns: context.schemas.refer(signature.returns),
    reach,
    errors: errorsOf(settingConstant(settings, "errors", context)),
    effect: effect.effect,
    restart: effect.restarts,
    retry: lowerRetry(settings, scope, 1),
    timeoutMs: settingExpression(settings, "timeout", scope) ?? constant(defaultTimeoutMs),
    labels: { untrusted, private: signature.returnLabels.private },
    ...when("doc", tool.doc),
    ...when("idempotency", effect.key),
    ...when("confirm", confirm === null ? undefined : context.names.of(confirm)),
    ...when("rate", lowerRate(settings, context)),
    ...when("concurrency", settingNumber(settings, "concurrency", context)),
    ...when("circuit", lowerCircuit(settings, context)),
    ...when("cache", lowerCache(settings, context)),
  };
}

function lowerReach(tool: CheckedTool, scope: Scope): ToolPlan["reach"] | null {
  const { context } = scope;
  const { settings } = tool;
  const http = writtenSetting(context.program, settings.get("http"));
  if (http !== null) return lowerHttp(http, settings, scope);
  const module = settingText(settings, "module", context);
  if (module !== undefined) {
    const hash = module.indexOf("#");
    const path = hash < 0 ? module : module.slice(0, hash);
    return {
      kind: "module",
      module: context.paths.relativeTo(settings.get("module")?.file ?? tool.symbol.file, path),
      function: hash < 0 ? "default" : module.slice(hash + 1),
      secrets: sorted(settingEntries(settings, "secrets", scope) ?? new Map()),
    };
  }
  const mcp = writtenSetting(context.program, settings.get("mcp"));
  const entries = mcp === null ? null : writtenRecord(context.program, mcp);
  if (entries === null) return null;
  const server = entries.get("server");
  const auth = entries.get("auth");
  return {
    kind: "mcp",
    server: server === undefined ? constant("") : lowerWritten(server, scope),
    tool: String(constantOf(context.program, entries.get("tool") ?? null) ?? tool.symbol.name),
    ...when("auth", auth === undefined ? undefined : lowerAuth(auth, scope)),
  };
}

function lowerHttp(http: Written, settings: Settings, scope: Scope): HttpReach {
  const { program } = scope.context;
  const { expression, module } = follow(program, http);
  const [method, url] = splitMethod(lowerWritten({ expression, module }, scope));
  const inUrl = new Set<string>();
  namesInExpression(expression, (name) => {
    const symbol = module.symbolOf(name);
    if (symbol?.scope === "local" && symbol.kind === "parameter") inUrl.add(symbol.name);
  });
  const auth = writtenSetting(program, settings.get("auth"));
  return {
    kind: "http",
    method,
    url,
    inUrl: [...inUrl].sort(),
    ...when("headers", settingExpression(settings, "headers", scope)),
    ...when("query", settingExpression(settings, "query", scope)),
    ...when("body", settingExpression(settings, "body", scope)),
    ...when("auth", auth === null ? undefined : lowerAuth(auth, scope)),
  };
}

/** `"GET ${config.url}/x"` is the method and the rest. */
function splitMethod(text: PlanExpression): readonly [string, PlanExpression] {
  if (text.op === "value" && typeof text.value === "string") {
    const [method, rest] = splitWord(text.value);
    return [method, constant(rest)];
  }
  const first = text.op === "template" ? text.parts[0] : undefined;
  if (text.op !== "template" || typeof first !== "string") return ["GET", text];
  const [method, rest] = splitWord(first);
  const parts = rest === "" ? text.parts.slice(1) : [rest, ...text.parts.slice(1)];
  return [method, { op: "template", parts }];
}

function splitWord(text: string): readonly [string, string] {
  const match = /^\s*([A-Za-z]+)\s+([^]*)$/.exec(text);
  return match === null ? ["GET", text.trim()] : [(match[1] ?? "").toUpperCase(), match[2] ?? ""];
}

/** `{ bearer }`, `{ basic: { user, password } }`, `{ header, value }` or `"none"`. */
export function lowerAuth(auth: Written, scope: Scope): AuthPlan {
  const { program } = scope.context;
  const entries = writtenRecord(program, auth);
  const lowered = (name: string, of: ReadonlyMap<string, Written> | null): PlanExpression => {
    const entry = of?.get(name);
    return entry === undefined ? constant("") : lowerWritten(entry, scope);
  };
  if (entries?.has("bearer") === true) return { kind: "bearer", token: lowered("bearer", entries) };
  const basic = entries?.get("basic");
  if (basic !== undefined) {
    const inner = writtenRecord(program, basic);
    return { kind: "basic", user: lowered("user", inner), password: lowered("password", inner) };
  }
  if (entries?.has("header") === true) {
    return { kind: "header", header: lowered("header", entries), value: lowered("value", entries) };
  }
  return { kind: "none" };
}

function errorsOf(value: Json | undefined): ToolPlan["errors"] {
  if (Array.isArray(value)) return { byStatus: {}, codes: [...new Set(value.map(String))].sort() };
  if (typeof value !== "object" || value === null) return { byStatus: {}, codes: [] };
  const byStatus = Object.entries(value).map(([status, code]) => [status, String(code)] as const);
  return {
    byStatus: Object.fromEntries(byStatus),
    codes: [...new Set(byStatus.map(([, code]) => code))].sort(),
  };
}

function sorted(entries: ReadonlyMap<string, PlanExpression>): {
  readonly [name: string]: PlanExpression;
} {
  return Object.fromEntries([...entries].sort(([left], [right]) => (left < right ? -1 : 1)));
}
