import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { Json } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";
import type { HumanTask, People, Question } from "../../runner/index.ts";
import type { Progress } from "../live/progress.ts";
import { parseParameters } from "../parameters/parse-parameters.ts";
import { readValue } from "../parameters/read-value.ts";
import { shapeOf } from "../parameters/shape.ts";
import type { SchemaScope } from "../parameters/shape.ts";
import type { Terminal } from "../terminal.ts";
import { UserMistake } from "../user-mistake.ts";
import { FormLeft, fillForm } from "./answer-form.ts";
import { scopeOf } from "./question-scope.ts";
import { questionText } from "./question-text.ts";
import { terminalDialogue } from "./terminal-dialogue.ts";

export interface PeopleOptions {
  readonly terminal: Terminal;
  readonly progress: Progress;
  readonly folder: string;
  /** `step=value` and `step.field=value`, given in advance. */
  readonly answers: readonly string[];
  /** Ask whoever sits at the terminal. */
  readonly ask: boolean;
}

/** Answers given in advance, else the person at the terminal, one question at a time; else nobody. */
export function terminalPeople(options: PeopleOptions): People {
  const used = new Set<string>();
  let queue: Promise<unknown> = Promise.resolve();
  return {
    async ask(question, signal) {
      const place = `${question.run} ${question.path}`;
      const ready = used.has(place) ? undefined : tryAnswer(question, options);
      if (ready !== undefined) {
        used.add(place);
        return ready;
      }
      if (!options.ask || !options.terminal.interactive) return undefined;
      const turn = queue.then(async () => await askAtTerminal(question, signal, options));
      queue = turn.catch(() => undefined);
      return await turn;
    },
    remind({ agent, path, assignees }) {
      const whom = assignees.length === 0 ? agent : `${agent} (${assignees.join(", ")})`;
      options.progress.note(`reminder: ${path} still waits for an answer of ${whom}`);
    },
  };
}

/** An answer that can't be read is told, and the question stays open. */
function tryAnswer(question: Question, options: PeopleOptions): Json | undefined {
  try {
    return answerInAdvance(question, options);
  } catch (error) {
    if (!(error instanceof UserMistake)) throw error;
    options.progress.note(`--answer: ${[error.message, ...error.hints].join("; ")}`);
    return undefined;
  }
}

/** Undefined when no answer names this step. */
function answerInAdvance(question: Question, { answers, folder }: PeopleOptions): Json | undefined {
  const words: string[] = [];
  let whole: string | undefined;
  for (const answer of answers) {
    const equals = answer.indexOf("=");
    const field = fieldOf(equals < 0 ? answer : answer.slice(0, equals), question);
    if (field === undefined) continue;
    const value = equals < 0 ? "" : answer.slice(equals + 1);
    if (field === "") whole = value;
    else words.push(`--${field}=${value}`);
  }
  const scope = scopeOf(question.schema);
  const context = {
    scope,
    readText: (path: string) => readFileSync(resolve(folder, path), "utf8"),
    takeFile: (path: string): Json => {
      throw new UserMistake(`${path} can't be given in an answer: files are parameters of flows`);
    },
  };
  if (words.length > 0)
    return parseParameters(words, { ...context, schema: question.schema, owner: question.path });
  return whole === undefined ? undefined : wholeAnswer(whole, question, context);
}

/** `approve` is enough where a record has one field that needs a value. */
function wholeAnswer(
  typed: string,
  question: Question,
  context: Omit<Parameters<typeof readValue>[2], "place">,
): Json {
  const { shape } = shapeOf(question.schema, context.scope);
  const structured = shape.kind === "record" || shape.kind === "union";
  if (structured && !/^[{@]/.test(typed)) {
    const [first] = shape.kind === "record" ? shape.fields : [];
    const field = first?.name ?? discriminator(question.schema, context.scope);
    if (field !== undefined) {
      return parseParameters([`--${field}=${typed}`], {
        ...context,
        schema: question.schema,
        owner: question.path,
      });
    }
  }
  return readValue(typed, question.schema, { ...context, place: question.path });
}

function discriminator(schema: JsonSchema, scope: SchemaScope): string | undefined {
  const { shape } = shapeOf(schema, scope);
  if (shape.kind !== "union") return undefined;
  const [member] = shape.members;
  const first = member === undefined ? undefined : shapeOf(member, scope).shape;
  return first?.kind === "record" ? first.fields[0]?.name : undefined;
}

/** The part behind the step: "" for the whole answer. A step is named by its path, its end, or its agent. */
function fieldOf(name: string, { path, agent }: Question): string | undefined {
  for (const step of [path, path.split(".").at(-1) ?? path, agent]) {
    if (name === step) return "";
    if (name.startsWith(`${step}.`)) return name.slice(step.length + 1);
  }
  return undefined;
}

async function askAtTerminal(
  question: Question,
  signal: AbortSignal,
  { terminal, progress, folder }: PeopleOptions,
): Promise<Json | undefined> {
  if (signal.aborted) return undefined;
  progress.suspend();
  try {
    return await fillQuestion(question, { terminal, folder, signal });
  } finally {
    progress.resume();
  }
}

/** Asks for the answer of one task; undefined when the person leaves. */
export async function askForAnswer(
  { agent, path, question, schema }: HumanTask,
  options: { readonly terminal: Terminal; readonly folder: string },
): Promise<Json | undefined> {
  return await fillQuestion(
    { agent, path, text: question, schema, problem: null },
    { ...options, signal: new AbortController().signal },
  );
}

async function fillQuestion(
  question: Pick<Question, "agent" | "path" | "text" | "schema" | "problem">,
  {
    terminal,
    folder,
    signal,
  }: { readonly terminal: Terminal; readonly folder: string; readonly signal: AbortSignal },
): Promise<Json | undefined> {
  const dialogue = terminalDialogue(terminal, signal);
  const { bold, cyan, dim, yellow } = terminal.errColors;
  try {
    dialogue.say(
      `${bold(cyan(question.agent))} ${dim(question.path)}\n${questionText(question.text)}`,
    );
    if (question.problem !== null)
      dialogue.say(yellow(`The last answer did not fit: ${question.problem}`));
    return await fillForm(question.schema, {
      dialogue,
      scope: scopeOf(question.schema),
      readText: (path) => readFileSync(resolve(folder, path), "utf8"),
      takeFile: () => {
        throw new UserMistake("a file can't be given in an answer");
      },
    });
  } catch (error) {
    if (error instanceof FormLeft) return undefined;
    throw error;
  } finally {
    dialogue.close();
  }
}
