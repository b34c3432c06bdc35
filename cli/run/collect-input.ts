import { createHash } from "node:crypto";
import { basename } from "node:path";
import { text as readStream } from "node:stream/consumers";

import { decodeValue } from "../../plan/decode-value.ts";
import type { Json } from "../../plan/expression.ts";
import type { FlowPlan, Plan } from "../../plan/plan.ts";
import type { Invocation } from "../command-spec.ts";
import { exampleValue } from "../parameters/example-value.ts";
import { parseParameters } from "../parameters/parse-parameters.ts";
import { typeName } from "../parameters/read-value.ts";
import { shapeOf } from "../parameters/shape.ts";
import { readBytes, readText } from "../project/read-text.ts";
import { UserMistake } from "../user-mistake.ts";
import { mimeType } from "./mime-type.ts";

export interface LocalFile {
  readonly name: string;
  readonly mime: string;
  readonly bytes: Uint8Array;
}

export interface CollectedInput {
  readonly input: { readonly [param: string]: Json };
  /** Files that values of type `file` stand for; they must be stored before the run starts. */
  readonly files: readonly LocalFile[];
}

interface Target {
  readonly id: string;
  readonly flow: FlowPlan;
}

/** Puts `--input` and the flow's flags together and checks them. Throws `UserMistake`. */
export async function collectInput(
  plan: Plan,
  target: Target,
  invocation: Invocation,
): Promise<CollectedInput> {
  const { input: given, files } = await collectParameters(plan, target, invocation);
  const input = withDefaults(given, target.flow);
  checkInput(input, plan, target);
  return { input, files };
}

/** Puts `--input` and the flow's flags together; some parameters may be missing. Throws `UserMistake`. */
export async function collectParameters(
  plan: Plan,
  target: Target,
  invocation: Invocation,
): Promise<CollectedInput> {
  const { environment, options } = invocation;
  const { schemas } = plan.program;
  const owner = `flow ${target.id}`;
  const files: LocalFile[] = [];
  const takeFile = (path: string): Json => {
    const { file, value } = localFile(path, environment.folder);
    files.push(file);
    return value;
  };
  const flags = parseParameters(invocation.parameters, {
    schema: schemas[target.flow.input] ?? {},
    scope: { schemas },
    owner,
    readText: (path) => readText(path, environment.folder),
    takeFile,
  });
  const input = { ...(await readInput(options.text("input"), environment.folder)), ...flags };
  return { input, files };
}

/** A JSON record from a file or from standard input. */
export async function readInput(
  source: string | undefined,
  folder: string,
): Promise<{ readonly [param: string]: Json }> {
  if (source === undefined) return {};
  const place = source === "-" ? "standard input" : source;
  const value = parseJson(await readSource(source, folder), place);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as { [param: string]: Json };
  throw new UserMistake(`${place} must hold a JSON object with the parameters`, {
    hints: ['for example { "topic": "bees" }'],
  });
}

export async function readSource(source: string, folder: string): Promise<string> {
  if (source === "-") return await readStream(process.stdin);
  return readText(source, folder);
}

export function parseJson(text: string, place: string, hints: readonly string[] = []): Json {
  try {
    // Editors on Windows like to begin a file with a byte order mark, which JSON does not know.
    return JSON.parse(text.replace(/^\uFEFF/, "")) as Json;
  } catch (error) {
    throw new UserMistake(
      `${place} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      { hints },
    );
  }
}

/** The hash stands for the bytes in the history, so it is known before the store is open. */
function localFile(
  path: string,
  folder: string,
): { readonly file: LocalFile; readonly value: Json } {
  const bytes = readBytes(path, folder);
  const file = { name: basename(path), mime: mimeType(path), bytes };
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { file, value: { name: file.name, mime: file.mime, size: bytes.length, sha256 } };
}

/** Only constants: a default that mentions other parameters is the runner's to work out. */
function withDefaults(
  given: { readonly [param: string]: Json },
  flow: FlowPlan,
): { readonly [param: string]: Json } {
  const input: Record<string, Json> = { ...given };
  for (const { name, default: expression } of flow.params) {
    if (expression?.op === "value" && input[name] === undefined) input[name] = expression.value;
  }
  return input;
}

function checkInput(
  input: { readonly [param: string]: Json },
  plan: Plan,
  target: { readonly id: string; readonly flow: FlowPlan },
): void {
  const { schemas } = plan.program;
  const decoded = decodeValue(schemas, target.flow.input, input);
  if (decoded.ok) return;
  const computed = target.flow.params.filter(
    (param) => param.default !== undefined && input[param.name] === undefined,
  );
  const problems = decoded.problems.filter(
    ({ message }) => !computed.some(({ name }) => message === `lacks \`${name}\``),
  );
  if (problems.length === 0) return;
  const lacking = problems.flatMap(({ path, message }) => {
    const name = path === "" ? /^lacks `(.*)`$/.exec(message)?.[1] : undefined;
    return name === undefined ? [] : [`--${name}`];
  });
  const wrong = problems.flatMap(({ path, message }) => {
    if (path !== "") return [`--${path} ${message}`];
    return message.startsWith("lacks `") ? [] : [`flow ${target.id} ${message}`];
  });
  const lines =
    lacking.length === 0 ? wrong : [`flow ${target.id} needs ${lacking.join(", ")}`, ...wrong];
  const concerned = target.flow.params.filter(({ name }) =>
    lines.some((line) => mentions(line, name)),
  );
  throw new UserMistake(lines.join("; "), {
    code: "invalid_input",
    data: { problems },
    hints: concerned.map(({ name, schema, doc }) => {
      const type = schemas[schema] ?? {};
      const about = doc === undefined ? "" : ` (${doc.split("\n")[0] ?? ""})`;
      const inJson =
        shapeOf(type, { schemas }).shape.kind === "duration"
          ? " (in JSON a number of milliseconds)"
          : "";
      return `--${name}${about} takes ${typeName(type, { schemas })}${inJson}, for example --${name} ${exampleValue(type, { schemas })}`;
    }),
  });
}

function mentions(line: string, name: string): boolean {
  return new RegExp(`--${name}(?![\\w-])`).test(line);
}
