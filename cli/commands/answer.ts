import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { Json } from "../../plan/expression.ts";
import type { HumanTask, Runner } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { inFlags } from "../parameters/in-flags.ts";
import { parseParameters } from "../parameters/parse-parameters.ts";
import { exampleValue } from "../parameters/example-value.ts";
import { scopeOf } from "../people/question-scope.ts";
import { questionText } from "../people/question-text.ts";
import { askForAnswer } from "../people/terminal-people.ts";
import { parseJson, readSource } from "../run/collect-input.ts";
import { findRun } from "../run/find-run.ts";
import { followAndReport } from "../run/follow-and-report.ts";
import { refuseMock } from "../run/refuse-mock.ts";
import { isoTime } from "../run/report-run.ts";
import { unwrap } from "../run/unwrap.ts";
import { withReader, withRunner } from "../run/with-runner.ts";
import { UserMistake } from "../user-mistake.ts";

export async function answer(invocation: Invocation): Promise<number> {
  const [word, step] = invocation.args;
  if (word === undefined) return await listQuestions(invocation);
  return await withRunner({ ...invocation, takeOver: true }, async (session) => {
    const { runner } = session;
    const id = await findRun(runner, word);
    const task = chooseTask(await runner.tasks(id), step, id);
    await refuseMock(id, runner, invocation.options);
    const value = await readAnswer(task, invocation);
    const outcome = await runner.answer(id, task.path, value);
    unwrap(invocation.parameters.length > 0 ? inFlags(outcome) : outcome, task.path);
    if (!invocation.options.on("no-run")) return await followAndReport(id, session, invocation);
    if (invocation.options.on("json"))
      invocation.terminal.out(
        `${JSON.stringify({ run: id, step: task.path, kept: true }, null, 2)}\n`,
      );
    else invocation.terminal.err("the answer is kept\n");
    return exitCodes.ok;
  });
}

async function listQuestions(invocation: Invocation): Promise<number> {
  const { options, terminal } = invocation;
  const { bold, dim, cyan } = terminal.outColors;
  const isJson = options.on("json");
  const rows: object[] = [];
  const count = await withReader(invocation, 0, async (runner: Runner) => {
    let shown = 0;
    for await (const task of allTasks(runner)) {
      shown += 1;
      const { run, path, agent, schema, askedAtMs, dueAtMs } = task;
      const question = brief(questionText(task.question));
      if (isJson)
        rows.push({
          run,
          step: path,
          agent,
          question,
          schema,
          askedAt: isoTime(askedAtMs),
          dueAt: isoTime(dueAtMs),
        });
      else
        terminal.out(
          `${bold(agent)} ${dim(path)}\n  ${question.split("\n").join("\n  ")}\n  ${cyan(`agentflow answer ${run} ${path}`)}\n`,
        );
    }
    return shown;
  });
  if (isJson) terminal.out(`${JSON.stringify({ tasks: rows }, null, 2)}\n`);
  else if (count === 0) terminal.err("nobody is asked anything\n");
  return exitCodes.ok;
}

/** Questions may be long, and there may be many. */
const tasksPerPage = 20;
const maxQuestion = 10_000;

async function* allTasks(runner: Runner): AsyncGenerator<HumanTask> {
  for (let after: HumanTask | undefined; ;) {
    const page = { limit: tasksPerPage, ...(after === undefined ? {} : { after }) };
    const tasks = await runner.tasks(undefined, page);
    yield* tasks;
    if (tasks.length < tasksPerPage) return;
    after = tasks.at(-1);
  }
}

/** The whole question is shown when it is answered. */
function brief(question: string): string {
  const left = question.length - maxQuestion;
  return left <= 0 ? question : `${question.slice(0, maxQuestion)}… (${left} characters more)`;
}

function chooseTask(tasks: readonly HumanTask[], step: string | undefined, run: string): HumanTask {
  const meant =
    step === undefined
      ? tasks
      : tasks.filter(({ path }) => path === step || path.endsWith(`.${step}`));
  const [task] = meant;
  if (task !== undefined && meant.length === 1) return task;
  const hints = tasks.map(({ path }) => `agentflow answer ${run} ${path}`);
  if (tasks.length === 0) {
    throw new UserMistake(`run ${run} waits for no answer`, {
      exitCode: exitCodes.refused,
      code: "not_waiting",
    });
  }
  throw new UserMistake(
    step === undefined
      ? `run ${run} asks ${tasks.length} questions; say which one`
      : `run ${run} asks nothing at ${step}`,
    { hints },
  );
}

async function readAnswer(
  task: HumanTask,
  { options, parameters, environment, terminal }: Invocation,
): Promise<Json> {
  const whole = options.text("value");
  if (whole !== undefined)
    return parseJson(whole === "-" ? await readSource("-", environment.folder) : whole, "--value");
  const scope = scopeOf(task.schema);
  if (parameters.length > 0) {
    return parseParameters(parameters, {
      schema: task.schema,
      scope,
      owner: `the answer to ${task.path}`,
      readText: (path) => readFileSync(resolve(environment.folder, path), "utf8"),
      takeFile: (path) => {
        throw new UserMistake(`${path}: a file can't be given in an answer`);
      },
    });
  }
  const asked = terminal.interactive
    ? await askForAnswer(task, { terminal, folder: environment.folder })
    : undefined;
  if (asked !== undefined) return asked;
  throw new UserMistake("the answer is missing", {
    hints: [
      questionText(task.question),
      `for example agentflow answer ${task.run} ${task.path} --value ${exampleValue(task.schema, scope)}`,
    ],
  });
}
