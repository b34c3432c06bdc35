import type { StoredTask, TaskPage } from "../ports/store.ts";

interface Asking {
  readonly head: { readonly run: string };
  readonly tasks: ReadonlyMap<string, StoredTask>;
}

/** Tasks of runs in their order, by path within each; those after the last one of the page before. */
export function pageOfTasks(
  runs: readonly (Asking | undefined)[],
  { after, limit }: Partial<TaskPage> = {},
): readonly StoredTask[] {
  const last = runs.findIndex((run) => run !== undefined && run.head.run === after?.run);
  return runs
    .flatMap((run, index) =>
      [...(run?.tasks.values() ?? [])]
        .filter(({ path }) => index > last || (index === last && path > (after?.path ?? "")))
        .sort((left, right) => (left.path < right.path ? -1 : 1)),
    )
    .slice(0, limit);
}
