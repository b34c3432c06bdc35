import { batch, debounceMs, flowOf, type Topic } from "./service-plan.ts";
import type { WatchingStore } from "./watching-store.ts";

/** I12: what became of all events, whoever read them: every one has the run that its trigger gives it, and none has two. */
export function checkGathered(store: WatchingStore): readonly string[] {
  const published = (topic: Topic) => store.published.filter((event) => event.topic === topic);
  const triggered = (topic: Topic) => store.triggered.filter(({ flow }) => flow === flowOf[topic]);
  const faults: string[] = [];
  const expectSame = (what: string, is: readonly string[], wanted: readonly string[]): void => {
    if (is.join() !== wanted.join())
      faults.push(`I12 ${what} has runs for ${is.join()} instead of ${wanted.join()}`);
  };

  for (const topic of ["news.today", "now", "paced"] as const)
    expectSame(
      topic,
      triggered(topic).map(({ id }) => id),
      published(topic).map(({ id }) => id),
    );

  const calm = published("calm");
  const lasts = calm.filter(({ atMs }, index) => {
    const next = calm[index + 1];
    return next === undefined || next.atMs - atMs >= debounceMs;
  });
  expectSame(
    "calm",
    triggered("calm").map(({ id }) => id),
    lasts.map(({ id }) => id),
  );

  const batches = triggered("many");
  expectSame(
    "many",
    batches.flatMap(({ data }) => data as readonly string[]),
    published("many").map(({ id }) => id),
  );
  for (const { data, atMs } of batches) {
    const members = data as readonly string[];
    const first = store.published.find(({ id }) => id === members[0]);
    const isDue = atMs >= (first?.atMs ?? 0) + batch.withinMs;
    if (members.length > batch.size || (members.length < batch.size && !isDue))
      faults.push(`a batch of ${members.length} was made too soon: ${members.join()}`);
  }
  return faults;
}

/** `overlap: "replace"`: only who has a successor is cancelled, and the last goes on to its end. */
export function checkReplaced(store: WatchingStore, replacing: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  for (const flow of new Set([...store.flows.values()])) {
    const runs = [...store.flows].flatMap(([run, of]) => (of === flow ? [run] : []));
    const cancelled = runs.filter((run) => statusOf(store, run) === "cancelled");
    if (!replacing.has(flow)) {
      for (const run of cancelled) faults.push(`${run} of ${flow} was cancelled by nobody`);
    } else if (cancelled.includes(runs.at(-1) ?? ""))
      faults.push(`the last run of ${flow}, ${runs.at(-1)}, was replaced by none`);
  }
  return faults;
}

function statusOf(store: WatchingStore, run: string): string | undefined {
  return store.runs.get(run)?.head.status ?? store.purgedStatus.get(run);
}
