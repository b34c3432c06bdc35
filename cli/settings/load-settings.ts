import { didYouMean } from "../../base/did-you-mean.ts";
import { documentProblems } from "../../plan/document-problems.ts";
import type { PlacedProblem } from "../../plan/schema-problems.ts";
import type { Environment } from "../environment.ts";
import type { Options } from "../options.ts";
import type { SettingsFile } from "./find-settings.ts";
import { looseValue, placeKey, printValue, readYaml, type YamlReading } from "./read-yaml.ts";
import { hideSecrets, lineAndColumn, type SettingsProblem } from "./settings-problem.ts";
import { settingsSchema } from "./settings-schema.ts";
import { settingsTable, type SettingRow } from "./settings-table.ts";
import { toSettings, type Settings, type Source } from "./settings.ts";

/** One setting as it holds, for `doctor`. */
export interface EffectiveSetting {
  readonly key: string;
  /** Without passwords; null when nothing is set. */
  readonly value: string | null;
  /** `default`, `agentflow.config.yaml:3`, `REDIS_URL`, `--concurrency`. */
  readonly source: string;
}

export interface LoadedSettings {
  readonly file: SettingsFile | null;
  /** Null when there are problems. */
  readonly settings: Settings | null;
  readonly effective: readonly EffectiveSetting[];
  /** All of them at once. */
  readonly problems: readonly SettingsProblem[];
}

export interface LoadOptions {
  readonly environment: Environment;
  readonly file: SettingsFile | null;
  readonly options: Options;
}

/** The settings by flags, environment and file, in this order. Nothing is thrown: what is wrong comes as a list. */
export function loadSettings({ environment, file, options }: LoadOptions): LoadedSettings {
  const { variables } = environment;
  const read = readYaml(file?.text ?? "", file?.name ?? "", variables);
  const document: Record<string, unknown> = structuredClone({ ...read.value });
  const sources = new Map<string, Source>();
  for (const row of settingsTable) {
    const source = sourceOf(row, { options, variables, file, read });
    sources.set(row.key, source);
    if (source.value !== undefined) put(document, row.key, source.value);
  }
  const found = documentProblems(document, settingsSchema);
  const problems = [
    ...read.problems,
    ...found.map((problem) => toProblem(problem, { file, read, sources })),
  ].filter(once);
  return {
    file,
    settings: problems.length > 0 ? null : toSettings(sources, { file, environment }),
    effective: settingsTable.map(({ key, fallback }) => {
      const { value = fallback, name } = sources.get(key) ?? { value: fallback, name: "default" };
      const isNothing = value === undefined || (Array.isArray(value) && value.length === 0);
      return { key, value: isNothing ? null : hideSecrets(printValue(value)), source: name };
    }),
    problems,
  };
}

interface Ground {
  readonly options: Options;
  readonly variables: Environment["variables"];
  readonly file: SettingsFile | null;
  readonly read: YamlReading;
}

function sourceOf(row: SettingRow, { options, variables, file, read }: Ground): Source {
  const { flag } = row;
  if (flag !== undefined) {
    const text = options.text(flag) ?? (options.on(flag) ? "true" : undefined);
    if (text !== undefined)
      return { value: valueOf(text, row), name: `--${flag}`, isOverride: true };
  }
  const variable = row.variables.find((name) => (variables[name] ?? "") !== "");
  if (variable !== undefined)
    return { value: valueOf(variables[variable] ?? "", row), name: variable, isOverride: true };
  const parts = row.key.split(".");
  const place = read.places.get(placeKey(parts));
  const value = parts.reduce<unknown>(
    (at, part) => (at as Record<string, unknown> | null | undefined)?.[part],
    read.value,
  );
  if (place === undefined || value === undefined || file === null)
    return { value: undefined, name: "default", isOverride: false };
  const { line } = lineAndColumn(file.text, place.name.start);
  return { value, name: `${file.name}:${line}`, isOverride: false };
}

function valueOf(text: string, { schema }: SettingRow): unknown {
  // What is text stays text, even if it looks like a number.
  return schema["type"] === "string" ? text : looseValue(text, schema["type"] === "array");
}

function put(document: Record<string, unknown>, key: string, value: unknown): void {
  const [section = "", field] = key.split(".");
  if (field === undefined) {
    document[section] = value;
    return;
  }
  const held = document[section];
  if (held === undefined || held === null) document[section] = { [field]: value };
  else if (typeof held === "object" && !Array.isArray(held))
    document[section] = { ...held, [field]: value };
}

function toProblem(
  problem: PlacedProblem,
  ground: Pick<Ground, "file" | "read"> & { readonly sources: ReadonlyMap<string, Source> },
): SettingsProblem {
  const { parts, unknownField } = problem;
  const { file, read, sources } = ground;
  const key = parts.slice(0, 2).join(".");
  const source = sources.get(key) ?? sources.get(String(parts[0]));
  if (unknownField !== null) return unknownKey(parts, unknownField, ground);
  const row = settingsTable.find((entry) => entry.key === key || entry.key === parts[0]);
  const plain = inWords(problem.message, row);
  const name = parts.length === 0 ? "the file" : `\`${problem.path}\``;
  const hint = row === undefined ? "indent its settings below it" : row.about;
  if (source?.isOverride === true)
    // A variable may hold a secret in the wrong place, so its value is not shown.
    return {
      span: null,
      origin: source.name,
      message: `${source.name} ${withoutValue(plain)}`,
      hint,
    };
  const place = read.places.get(placeKey(parts)) ?? read.places.get(placeKey(parts.slice(0, -1)));
  const made = place?.variables ?? [];
  const message = made.length > 0 ? withoutValue(plain) : plain;
  const from = made.length > 0 ? `, which is made from ${made.join(", ")},` : "";
  return {
    span: place?.value ?? null,
    origin: file?.name ?? "settings",
    message: hideSecrets(`${name}${from} ${message}`),
    hint,
  };
}

function unknownKey(
  parts: PlacedProblem["parts"],
  field: string,
  { file, read }: Pick<Ground, "file" | "read">,
): SettingsProblem {
  const inside = parts.join(".");
  const known = [
    ...new Set(
      settingsTable.flatMap(({ key }) => {
        if (inside === "") return [key.split(".")[0] ?? ""];
        return key.startsWith(`${inside}.`) ? [key.slice(inside.length + 1)] : [];
      }),
    ),
  ];
  const [meant] = didYouMean(field, known);
  // A key that stands in the wrong section is nearer than any misspelling.
  const elsewhere = settingsTable.find(
    ({ key }) => key.endsWith(`.${field}`) && !key.startsWith(`${inside}.`),
  );
  const place = read.places.get(placeKey([...parts, field]));
  const advice =
    meant !== undefined
      ? `did you mean \`${meant}\`?`
      : elsewhere !== undefined
        ? `did you mean \`${elsewhere.key}\`?`
        : `known here: ${known.join(", ")}`;
  return {
    span: place?.name ?? null,
    origin: file?.name ?? "settings",
    message: `there is no setting \`${inside === "" ? field : `${inside}.${field}`}\``,
    hint: advice,
  };
}

/** Nobody should have to read a pattern. */
function inWords(message: string, row: SettingRow | undefined): string {
  if (row?.expects === undefined) return message;
  return message.replace(/^must match .*?(?=, not |$)/s, () => `must be ${row.expects}`);
}

/** `must be a whole number, not "abc"` without the end. */
function withoutValue(message: string): string {
  return message.replace(/, not .*$/s, "");
}

function once(problem: SettingsProblem, index: number, all: readonly SettingsProblem[]): boolean {
  return (
    all.findIndex(
      ({ message, span }) => message === problem.message && span?.start === problem.span?.start,
    ) === index
  );
}
