import { spanOf } from "../names/reporter.ts";
import { oneOf } from "../names/suggest.ts";
import { plainText, withoutParentheses } from "../names/plain-text.ts";
import type { Name } from "../syntax/tree.ts";
import type { ResolvedSetting } from "./checked.ts";
import type { Checker } from "./checker.ts";

type Settings = ReadonlyMap<string, ResolvedSetting>;

/** Ways to reach a tool: it has one of them. */
export const reachKeys = ["http", "mcp", "module"] as const;

type Reach = (typeof reachKeys)[number];

/** Settings that only one way to reach a tool has. */
const belongsTo: readonly (readonly [string, Reach])[] = [
  ["headers", "http"],
  ["query", "http"],
  ["body", "http"],
  ["auth", "http"],
  ["secrets", "module"],
];

/** A tool is reached in one way, and has the settings of that way. */
export function checkReach(c: Checker, at: Name, settings: Settings): void {
  const [key, ...others] = reachKeys.filter((reach) => settings.has(reach));
  if (key === undefined || others.length > 0) return requireReach(c, at, settings);
  for (const [name, reach] of belongsTo) {
    const setting = settings.get(name);
    if (setting !== undefined && reach !== key) reportOther(c, at, { setting, key, reach });
  }
  if (key === "http") checkBody(c, at, settings);
  checkIdempotency(c, settings.get("idempotency"), key);
}

function requireReach(c: Checker, at: Name, settings: Settings): void {
  const keys = reachKeys.filter((key) => settings.has(key));
  if (at.text === "") return;
  const names = keys.map((key) => `\`${key}\``);
  const second = settings.get(keys[1] ?? "");
  c.report({
    code: "AF3015",
    at,
    message:
      keys.length === 0
        ? `the tool \`${at.text}\` does not say how it is reached`
        : `the tool \`${at.text}\` is reached in ${keys.length === 2 ? "two" : "three"} ways: ${oneOf(names, "and")}`,
    related:
      second === undefined || second.file !== c.file
        ? []
        : [{ span: spanOf(c.file, second.node), message: "a second way" }],
    help:
      keys.length === 0
        ? 'add one of `http: "GET https://…"`, `mcp: { … }` and `module: "./file.ts#name"`'
        : "keep one of them",
  });
}

interface Other {
  readonly setting: ResolvedSetting;
  readonly key: Reach;
  readonly reach: Reach;
}

function reportOther(c: Checker, tool: Name, { setting, key, reach }: Other): void {
  const name = setting.key;
  c.report({
    code: "AF2003",
    at: setting.file === c.file ? setting.node.key : tool,
    message: `the tool \`${tool.text}\` is reached by \`${key}\`, which has no setting \`${name}\``,
    help:
      name === "auth" && key === "mcp"
        ? 'write it into the record: `mcp: { server: "https://…", tool: "…", auth: … }`'
        : name === "auth"
          ? "hand the function what it needs: `secrets: { key: config.key }`"
          : `\`${name}\` belongs to tools that are reached by \`${reach}\``,
  });
}

/** What GET sends stands in the address. */
function checkBody(c: Checker, tool: Name, settings: Settings): void {
  const body = settings.get("body");
  if (body === undefined) return;
  const method = textOf(settings.get("http"))?.trim().split(/\s+/u)[0]?.toUpperCase();
  if (method !== "GET" && method !== "HEAD") return;
  c.report({
    code: "AF2003",
    at: body.file === c.file ? body.node.key : tool,
    message: `\`${method}\` sends no body, so \`body\` has nowhere to go`,
    help: "send it in the address, with `query`, or use another method, such as `POST`",
  });
}

/** The beginning of the text is enough: that is where the method stands. */
function textOf(setting: ResolvedSetting | undefined): string | undefined {
  if (setting?.value.kind !== "invoke") return undefined;
  const node = withoutParentheses(setting.value.expression);
  const first = node.kind === "string" ? node.parts[0] : undefined;
  return first?.kind === "text" ? first.text : undefined;
}

/** HTTP has no agreed header for it; a function and a server of tools receive the key without being told how. */
function checkIdempotency(c: Checker, setting: ResolvedSetting | undefined, reach: Reach): void {
  if (setting?.value.kind !== "invoke" || setting.file !== c.file) return;
  const at = withoutParentheses(setting.value.expression);
  const isTrue = at.kind === "literal" && at.value === true;
  const isHeader = plainText(at) !== undefined;
  if (reach === "http" ? !isTrue : !isHeader) return;
  c.report({
    code: "AF3005",
    at,
    message:
      reach === "http"
        ? "`idempotency` of a tool that is reached by `http` is the name of the header that carries the key"
        : `\`idempotency\` of a tool that is reached by \`${reach}\` is \`true\`: there is no header, the key is handed over`,
    help:
      reach === "http"
        ? 'look it up in the description of the service: often `"Idempotency-Key"`'
        : "write `idempotency: true`",
    fixes:
      reach === "http"
        ? []
        : [
            {
              title: "write `true`",
              edits: [{ span: spanOf(c.file, at), text: "true" }],
              safe: true,
            },
          ],
  });
}
