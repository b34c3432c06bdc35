import type { Json } from "../plan/expression.ts";
import type { People, Question } from "./ports/people.ts";
import type { StoredTask } from "./ports/store.ts";

/** Brings questions to whoever can be asked at once. The tasks themselves are in the store, whatever happens here. */
export interface PeopleDesk {
  /** Whether anybody can be asked at once. */
  readonly asks: boolean;
  ask(task: StoredTask): void;
  withdraw(run: string, path: string): void;
  /** Reminds of a task that is still open. */
  remind(run: string, path: string): Promise<void>;
  /** Whether somebody is being asked about this run right now. */
  isAsking(run: string): boolean;
  close(): void;
}

export function createPeopleDesk(options: {
  readonly people: People | undefined;
  readonly answer: (task: StoredTask, value: Json) => Promise<void>;
  readonly openTasks: (run: string) => Promise<readonly StoredTask[]>;
  readonly onReminder: (task: StoredTask) => void;
  /** Nobody answered now: the task waits for another way. */
  readonly left: (run: string) => void;
  readonly onFault: (run: string, error: unknown) => void;
}): PeopleDesk {
  const asking = new Map<string, { readonly task: StoredTask; readonly abort: AbortController }>();
  const placeOf = (run: string, path: string): string => `${run} ${path}`;

  function questionOf(task: StoredTask): Question {
    const { run, path, agent, question: text, schema, channel, assignees, problem } = task;
    return { run, path, agent, text, schema, channel, assignees, problem };
  }

  async function askNow(task: StoredTask, people: People, abort: AbortController): Promise<void> {
    const { run, path } = task;
    const value = await people.ask(questionOf(task), abort.signal);
    const place = placeOf(run, path);
    // Asking lasts until the answer is in the store, so that nobody takes the run for abandoned in between.
    if (value !== undefined && !abort.signal.aborted) await options.answer(task, value);
    if (asking.get(place)?.abort === abort) asking.delete(place);
    if (value === undefined) options.left(run);
  }

  return {
    asks: options.people !== undefined,
    ask(task) {
      const { people } = options;
      if (people === undefined) return;
      const place = placeOf(task.run, task.path);
      const before = asking.get(place);
      // The same question is asked again only after its last answer was refused.
      if (before !== undefined && before.task.problem === task.problem) return;
      before?.abort.abort();
      const abort = new AbortController();
      asking.set(place, { task, abort });
      askNow(task, people, abort).catch((error: unknown) => {
        asking.delete(place);
        options.onFault(task.run, error);
      });
    },
    withdraw(run, path) {
      const place = placeOf(run, path);
      asking.get(place)?.abort.abort();
      asking.delete(place);
    },
    async remind(run, path) {
      try {
        const open = await options.openTasks(run);
        const task = open.find((entry) => entry.path === path);
        if (task === undefined) return;
        options.onReminder(task);
        options.people?.remind?.(questionOf(task));
      } catch (error) {
        options.onFault(run, error);
      }
    },
    isAsking: (run) => [...asking.values()].some((entry) => entry.task.run === run),
    close() {
      for (const entry of asking.values()) entry.abort.abort();
      asking.clear();
    },
  };
}
