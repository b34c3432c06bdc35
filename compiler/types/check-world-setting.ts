import { plainText, withoutParentheses } from "../names/plain-text.ts";
import { replace } from "../names/reporter.ts";
import { Scope } from "../names/scope.ts";
import { someOf, suggest } from "../names/suggest.ts";
import type { Expression } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import { describe } from "./describe.ts";
import { fits, literalsOf } from "./mismatch.ts";
import { reportSetting } from "./report-setting.ts";
import type { SettingUse } from "./setting-owner.ts";
import type { SettingCheck } from "./setting-check.ts";
import { textForms } from "./text-forms.ts";
import type { TextForm } from "./text-forms.ts";
import { stringType } from "./type.ts";
import type { Type } from "./type.ts";

/** Settings that reach outside: addresses, credentials, error codes of tools. */
export const worldChecks = {
  http: checkHttp,
  use: checkForm,
  module: checkForm,
  mcp: checkMcp,
  auth: (c, use, expression) => expectAuth(c, use, expression, inferSecret(c, use, expression)),
  secret: checkSecret,
  secrets: checkSentSecrets,
  headers: checkSentSecrets,
  printed: (c, use, expression) => expectTexts(c, use, expression, c.infer(expression, use.scope)),
  errors: checkErrors,
  record: checkAnyRecord,
} satisfies { readonly [value: string]: SettingCheck };

function checkSentSecrets(c: Checker, use: SettingUse, expression: Expression): void {
  expectTexts(c, use, expression, inferSecret(c, use, expression));
}

function checkAnyRecord(c: Checker, use: SettingUse, expression: Expression): void {
  const type = c.infer(expression, use.scope);
  if (type.kind !== "record" && type.kind !== "json" && type.kind !== "error")
    reportSetting(c, use.spec, expression, `must be a record, not ${describe(type)}`);
}

function inferSecret(c: Checker, { scope }: SettingUse, expression: Expression): Type {
  return c.infer(expression, new Scope(scope, { secrets: true }));
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

function checkHttp(c: Checker, { spec, scope }: SettingUse, expression: Expression): void {
  const type = c.infer(expression, scope);
  if (type.kind === "error") return;
  if (!fits(c.world, type, stringType))
    return reportSetting(c, spec, expression, `is a method and an address, not ${describe(type)}`);
  const node = withoutParentheses(expression);
  const [first] = node.kind === "string" ? node.parts : [];
  const start = first?.kind === "text" ? first.text : "";
  const match = /^([A-Za-z]+)(?: +(?=\S)| *$)/u.exec(start);
  const method = match?.[1];
  const hasAddress =
    node.kind === "string" && (node.parts.length > 1 || start.trim().includes(" "));
  if (node.kind !== "string" || method === undefined || !hasAddress) {
    return reportSetting(
      c,
      spec,
      expression,
      node.kind === "string" && (start !== "" || node.parts.length < 2)
        ? "starts with a method, then a space and the address"
        : "is one text that starts with its method; only what follows may be inserted with `${…}`",
    );
  }
  if (methods.includes(method)) return;
  const near = suggest({
    file: c.file,
    at: { start: node.start + 1, end: node.start + 1 + method.length },
    written: method,
    candidates: methods,
  });
  c.report({
    code: "AF3003",
    at: expression,
    message: `there is no HTTP method \`${method}\``,
    help:
      near.help ??
      `write ${someOf(
        methods.map((name) => `\`${name}\``),
        8,
        "or",
      )}`,
    fixes: node.quote === '"' ? near.fixes : [],
  });
}

/** `use: openai/gpt-5`, which is not meant as a division. */
function isBare(c: Checker, expression: Expression, { pattern }: TextForm): boolean {
  const text = c.textOf(expression);
  const isText = pattern.test(text) && !/["'`\s]/u.test(text);
  if (expression.kind !== "binary" || !isText) return false;
  const quoted = JSON.stringify(text);
  c.report({
    code: "AF3005",
    at: expression,
    message: "a text is written with quotes",
    help: `write \`${quoted}\``,
    fixes: [
      { title: `write \`${quoted}\``, edits: [replace(c.file, expression, quoted)], safe: true },
    ],
  });
  return true;
}

/** A text with a form; what is put together from others is judged when it is known that the plan can hold it. */
function checkForm(c: Checker, { spec, scope }: SettingUse, expression: Expression): void {
  const form = textForms[spec.key];
  if (form !== undefined && isBare(c, expression, form)) return;
  const type = c.infer(expression, scope, { hint: stringType });
  if (type.kind === "error" || form === undefined) return;
  if (!fits(c.world, type, stringType))
    return reportSetting(c, spec, expression, `is ${form.needs}, not ${describe(type)}`);
  const texts = literalsOf(type, c.world) ?? [];
  const wrong = texts.find((text) => !form.pattern.test(text));
  if (wrong !== undefined)
    reportSetting(c, spec, expression, `is ${form.needs}; \`${JSON.stringify(wrong)}\` is not`);
}

function checkMcp(c: Checker, use: SettingUse, expression: Expression): void {
  const type = inferSecret(c, use, expression);
  if (type.kind === "error") return;
  if (type.kind !== "record")
    return reportSetting(
      c,
      use.spec,
      expression,
      `is a record with \`server\` and \`tool\`, not ${describe(type)}`,
    );
  for (const [name, field] of type.fields) {
    if (name === "auth") expectAuth(c, use, expression, field.type);
    else if (name !== "server" && name !== "tool")
      return reportSetting(c, use.spec, expression, `has no entry \`${name}\``);
    else if (!isText(c, field.type))
      return reportSetting(
        c,
        use.spec,
        expression,
        `needs a text for \`${name}\`, not ${describe(field.type)}`,
      );
  }
  const missing = ["server", "tool"].filter((name) => !type.fields.has(name));
  if (missing.length > 0)
    c.report({
      code: "AF3002",
      at: expression,
      message: `\`mcp\` lacks ${someOf(missing.map((name) => `\`${name}\``))}`,
      help: `write it like \`${use.spec.example}\``,
    });
}

const forms: readonly (readonly string[])[] = [["bearer"], ["basic"], ["header", "value"]];

function expectAuth(c: Checker, { spec }: SettingUse, at: Expression, type: Type): void {
  if (type.kind === "error" || (type.kind === "literal" && type.value === "none")) return;
  const problem = authProblem(c, type);
  const node = withoutParentheses(at);
  if (problem === undefined) return reportWritten(c, node);
  const bearer = type.kind === "secret" && spec.key === "auth" ? c.textOf(node) : undefined;
  c.report({
    code: "AF3005",
    at,
    message: `\`auth\` ${problem}`,
    help:
      bearer === undefined
        ? 'write `{ bearer: config.token }`, `{ basic: { user: …, password: … } }`, `{ header: "X-Key", value: config.key }` or `"none"`'
        : `write \`auth: { bearer: ${bearer} }\``,
  });
}

/** What proves who calls is a secret, also where it is written out. */
function reportWritten(c: Checker, node: Expression): void {
  for (const entry of node.kind === "record" ? node.entries : []) {
    if (entry.kind !== "recordField" || entry.value === null) continue;
    const { key, value } = entry;
    if (key.text === "basic") reportWritten(c, withoutParentheses(value));
    const isProof = ["bearer", "password", "value"].includes(key.text);
    if (!isProof || (plainText(value) ?? "") === "") continue;
    c.report({
      code: "AF6003",
      at: value,
      message: "a secret stands in the file, where everybody who reads the program sees it",
      help: "declare it, `config { token: secret }`, and write `config.token`",
    });
  }
}

function authProblem(c: Checker, type: Type): string | undefined {
  if (type.kind !== "record") return `says how to log in, and ${describe(type)} does not`;
  const names = [...type.fields.keys()];
  if ([...type.fields.values()].some((field) => field.type.kind === "error")) return undefined;
  const form = forms.find(
    (candidate) =>
      candidate.every((name) => type.fields.has(name)) && names.length === candidate.length,
  );
  if (form === undefined)
    return names.length === 0
      ? "says nothing"
      : `has no form with ${someOf(names.map((name) => `\`${name}\``))}`;
  for (const name of form) {
    const own = type.fields.get(name)?.type ?? stringType;
    if (name !== "basic") {
      if (!isText(c, own)) return `needs a text or a secret for \`${name}\`, not ${describe(own)}`;
      continue;
    }
    const parts = own.kind === "record" ? own.fields : undefined;
    const isBasic =
      parts?.size === 2 &&
      ["user", "password"].every(
        (part) => parts.has(part) && isText(c, parts.get(part)?.type ?? stringType),
      );
    if (!isBasic && own.kind !== "error") return "needs `user` and `password` for `basic`";
  }
  return undefined;
}

function isText(c: Checker, type: Type): boolean {
  return type.kind === "secret" || fits(c.world, type, stringType);
}

function checkSecret(c: Checker, use: SettingUse, expression: Expression): void {
  const type = inferSecret(c, use, expression);
  if (type.kind === "error" || type.kind === "secret") return;
  if (plainText(expression) !== undefined) {
    c.report({
      code: "AF6003",
      at: expression,
      message: "a secret stands in the file, where everybody who reads the program sees it",
      help: `declare it, \`config { ${use.spec.key}: secret }\`, and write \`config.${use.spec.key}\``,
    });
    return;
  }
  if (!isText(c, type))
    reportSetting(c, use.spec, expression, `is a secret, not ${describe(type)}`);
}

/** A record whose values can be sent as text. */
function expectTexts(c: Checker, use: SettingUse, expression: Expression, type: Type): void {
  if (type.kind === "error" || type.kind === "json") return;
  if (type.kind !== "record")
    return reportSetting(c, use.spec, expression, `must be a record, not ${describe(type)}`);
  for (const field of type.fields.values()) {
    const inner = field.type.kind === "optional" ? field.type.inner : field.type;
    if (
      inner.kind === "callable" ||
      inner.kind === "model" ||
      inner.kind === "span" ||
      inner.kind === "rate"
    ) {
      return reportSetting(
        c,
        use.spec,
        expression,
        `cannot send ${describe(inner)} as \`${field.name}\``,
      );
    }
    if (inner.kind === "secret" && use.spec.key !== "headers" && use.spec.key !== "secrets") {
      c.report({
        code: "AF6003",
        at: expression,
        message: `a secret would leave the program in \`${use.spec.key}\``,
        help: "send it in `auth` or `headers`",
      });
      return;
    }
  }
}

function checkErrors(c: Checker, use: SettingUse, expression: Expression): void {
  const node = withoutParentheses(expression);
  const type = c.infer(expression, use.scope);
  if (type.kind === "error") return;
  if (type.kind === "list" && (type.item.kind === "never" || fits(c.world, type.item, stringType)))
    return;
  if (type.kind === "record") {
    const wrongStatus =
      node.kind === "record"
        ? node.entries.find(
            (entry) => entry.kind === "recordField" && !/^[1-5]\d\d$/u.test(entry.key.text),
          )
        : undefined;
    if (wrongStatus !== undefined)
      return reportSetting(c, use.spec, expression, 'gives codes to HTTP statuses such as `"402"`');
    if ([...type.fields.values()].every((field) => fits(c.world, field.type, stringType))) return;
  }
  reportSetting(c, use.spec, expression, `names error codes as texts, not ${describe(type)}`);
}
