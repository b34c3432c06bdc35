import type { AppendEntry } from "../../runner/ports/store.ts";
import {
  done,
  ended,
  entry,
  going,
  newRun,
  type OpenStore,
  type StoreUnderTest,
} from "../../runner/store/store-scene-conformance.ts";

/** What one of two processes does to one of two runs, or the time that passes. */
type Step =
  | { readonly kind: "beat" | "end"; readonly session: Session }
  | { readonly kind: Deed; readonly session: Session; readonly run: Run }
  | { readonly kind: "wait" };
type Deed = "claim" | "admit" | "append" | "append, answer lost" | "finish" | "release";
type Session = "a" | "b";
type Run = "first" | "second";

const sessions: readonly Session[] = ["a", "b"];
const runs: readonly Run[] = ["first", "second"];
const slot = { key: "k", limit: 1 };
const ttlMs = 100;
/** Two of these are longer than a session lasts, one is not. */
const waitMs = 60;

const steps: readonly Step[] = [
  { kind: "wait" },
  ...sessions.flatMap((session): readonly Step[] => [
    { kind: "beat", session },
    { kind: "end", session },
    ...runs.flatMap((run) =>
      (["claim", "admit", "append", "append, answer lost", "finish", "release"] as const).map(
        (kind): Step => ({ kind, session, run }),
      ),
    ),
  ]),
];

/** What a process believes of a run: that of its last claim and of the answers since. */
interface Belief {
  readonly epoch: number;
  readonly seq: number;
}

interface RunModel {
  readonly owner: Session | null;
  readonly epoch: number;
  readonly seq: number;
  readonly isAdmitted: boolean;
  readonly isQueued: boolean;
  readonly isEnded: boolean;
}

/** What is true, as a person would keep book of it. */
interface Model {
  readonly nowMs: number;
  /** Until when sessions live. */
  readonly until: Readonly<Record<Session, number>>;
  readonly runs: Readonly<Record<Run, RunModel>>;
  readonly beliefs: Readonly<Record<string, Belief>>;
}

const beginning: Model = {
  nowMs: 0,
  until: { a: 0, b: 0 },
  runs: { first: untouched(), second: untouched() },
  beliefs: {},
};

function untouched(): RunModel {
  return { owner: null, epoch: 0, seq: 1, isAdmitted: false, isQueued: true, isEnded: false };
}

/** The model afterwards, and what the store has to answer; null for what no process would try. */
function expected(model: Model, step: Step): { model: Model; answer: string } | null {
  switch (step.kind) {
    case "wait":
      return { model: { ...model, nowMs: model.nowMs + waitMs }, answer: "" };
    case "beat":
      return { model: withSession(model, step.session, model.nowMs + ttlMs), answer: "" };
    case "end": {
      const runsLeft = Object.fromEntries(
        runs.map((run) => {
          const it = model.runs[run];
          return [run, it.owner === step.session ? { ...it, owner: null } : it];
        }),
      ) as Record<Run, RunModel>;
      return { model: { ...withSession(model, step.session, 0), runs: runsLeft }, answer: "" };
    }
    default:
      return deed(model, step);
  }
}

function deed(
  model: Model,
  { kind, session, run }: Extract<Step, { readonly kind: Deed }>,
): { model: Model; answer: string } | null {
  const it = model.runs[run];
  const key = `${session} ${run}`;
  const belief = model.beliefs[key];
  if (kind === "claim") {
    // Nobody claims without a session, or what has ended.
    if (!isAlive(model, session) || it.isEnded) return null;
    const isTaken = it.owner !== null && it.owner !== session && isAlive(model, it.owner);
    if (isTaken) return { model, answer: "null" };
    const epoch = it.owner === session ? it.epoch : it.epoch + 1;
    const now = withRun(model, run, { ...it, owner: session, epoch });
    return { model: withBelief(now, key, { epoch, seq: it.seq }), answer: `epoch ${epoch}` };
  }
  if (belief === undefined) return null;
  const isOwner = it.owner !== null && it.epoch === belief.epoch && !it.isEnded;
  const mayWrite = isOwner && it.owner === session && isAlive(model, session);
  switch (kind) {
    case "release":
      return {
        model: isOwner ? withRun(model, run, { ...it, owner: null }) : model,
        answer: "",
      };
    case "admit": {
      if (!mayWrite || it.isAdmitted) return null;
      const other = model.runs[run === "first" ? "second" : "first"];
      const isBusy = other.isAdmitted && !other.isEnded;
      const isBehind = run === "second" && other.isQueued && !other.isEnded;
      if (isBusy || isBehind) return { model, answer: "queued" };
      return {
        model: withRun(model, run, { ...it, isAdmitted: true, isQueued: false }),
        answer: "admitted",
      };
    }
    case "append":
    case "append, answer lost":
    case "finish": {
      if (kind === "finish" && mayWrite && !it.isAdmitted) return null;
      if (!mayWrite) return { model, answer: "fenced" };
      if (belief.seq !== it.seq) return { model, answer: `conflict ${it.seq}` };
      const isEnded = kind === "finish";
      const written = withRun(model, run, {
        ...it,
        seq: it.seq + 1,
        isEnded,
        owner: isEnded ? null : it.owner,
      });
      const seq = kind === "append, answer lost" ? belief.seq : belief.seq + 1;
      return { model: withBelief(written, key, { ...belief, seq }), answer: "ok" };
    }
  }
}

function isAlive(model: Model, session: Session): boolean {
  return model.until[session] > model.nowMs;
}

function withSession(model: Model, session: Session, untilMs: number): Model {
  return { ...model, until: { ...model.until, [session]: untilMs } };
}

function withRun(model: Model, run: Run, now: RunModel): Model {
  return { ...model, runs: { ...model.runs, [run]: now } };
}

function withBelief(model: Model, key: string, now: Belief): Model {
  return { ...model, beliefs: { ...model.beliefs, [key]: now } };
}

/** Two models that differ in nothing that matters later. */
function keyOf({ nowMs, until, ...rest }: Model): string {
  return JSON.stringify([rest, sessions.map((session) => Math.max(0, until[session] - nowMs))]);
}

/**
 * Tries each order of `depth` such steps on a new store, but for orders that only lead where a shorter one has led, and
 * compares each answer with the book. At the end of each order, a third process must be able to bring both runs to their ends. Gives how many
 * orders were tried; throws at the first difference.
 */
export async function searchOwnership(open: OpenStore, depth: number): Promise<number> {
  const seen = new Set<string>([keyOf(beginning)]);
  let tried = 0;
  let level: readonly { readonly path: readonly Step[]; readonly model: Model }[] = [
    { path: [], model: beginning },
  ];
  for (let length = 1; length <= depth; length += 1) {
    const next: { path: readonly Step[]; model: Model }[] = [];
    for (const { path, model } of level) {
      for (const step of steps) {
        const then = expected(model, step);
        if (then === null) continue;
        const longer = [...path, step];
        await replay(open, longer);
        tried += 1;
        const key = keyOf(then.model);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ path: longer, model: then.model });
      }
    }
    level = next;
  }
  return tried;
}

async function replay(open: OpenStore, path: readonly Step[]): Promise<void> {
  const under = await open();
  try {
    const ids: Record<Run, string> = { first: "run-1", second: "run-2" };
    for (const run of runs) await under.store.createRun(newRun({ run: ids[run], slots: [slot] }));
    let model = beginning;
    for (const [index, step] of path.entries()) {
      const then = expected(model, step);
      if (then === null) throw new Error("the book does not know this step");
      const answer = await act(under, step, model, ids);
      if (answer !== then.answer)
        throw new Error(`${tell(path.slice(0, index + 1))}: ${answer} instead of ${then.answer}`);
      model = then.model;
    }
    await finishAll(under, path, ids);
  } finally {
    await under.store.close();
  }
}

async function act(
  { store, advance }: StoreUnderTest,
  step: Step,
  model: Model,
  ids: Readonly<Record<Run, string>>,
): Promise<string> {
  if (step.kind === "wait") {
    advance(waitMs);
    return "";
  }
  const { session } = step;
  if (!("run" in step)) {
    await (step.kind === "beat" ? store.beat(session, ttlMs) : store.endSession(session));
    return "";
  }
  const run = ids[step.run];
  if (step.kind === "claim") {
    const claimed = await store.claim(run, session);
    return claimed === null ? "null" : `epoch ${claimed.epoch}`;
  }
  const { epoch, seq } = model.beliefs[`${session} ${step.run}`] ?? { epoch: 0, seq: 0 };
  if (step.kind === "release") {
    await store.release(run, epoch);
    return "";
  }
  if (step.kind === "admit")
    return (await store.admit({ run, epoch, slots: [slot], states: [] })).kind;
  const more: Partial<AppendEntry> =
    step.kind === "finish" ? { head: ended(), events: [done(seq + 1)] } : { head: going };
  const result = await store.append(entry(run, epoch, seq, more));
  return result.kind === "conflict" ? `conflict ${result.seq}` : result.kind;
}

/** Whatever happened, a process that lives on finds both runs, and nothing holds them back for ever. */
async function finishAll(
  { store, advance, now }: StoreUnderTest,
  path: readonly Step[],
  ids: Readonly<Record<Run, string>>,
): Promise<void> {
  advance(10 * ttlMs);
  await store.beat("c", ttlMs);
  for (let round = 0; round < runs.length; round += 1) {
    for (const run of await store.runnable({ nowMs: now(), limit: 10 })) {
      const claimed = await store.claim(run, "c");
      if (claimed === null) throw new Error(`${tell(path)}: ${run} can't be claimed`);
      const { epoch, head } = claimed;
      const admission = await store.admit({ run, epoch, slots: [slot], states: [] });
      if (admission.kind === "queued") {
        await store.release(run, epoch);
        continue;
      }
      const result = await store.append(entry(run, epoch, head.seq, { head: ended() }));
      if (result.kind !== "ok") throw new Error(`${tell(path)}: ${run} can't be ended`);
    }
  }
  for (const run of Object.values(ids)) {
    const head = await store.head(run);
    const events = await store.events(run, { afterSeq: 0 });
    if (head?.status !== "succeeded") throw new Error(`${tell(path)}: ${run} is ${head?.status}`);
    if (events.some(({ seq }, index) => seq !== index + 1) || events.length !== head.seq)
      throw new Error(`${tell(path)}: the history of ${run} has gaps`);
  }
}

function tell(path: readonly Step[]): string {
  return path
    .map((step) =>
      step.kind === "wait"
        ? "wait"
        : "run" in step
          ? `${step.session}: ${step.kind} ${step.run}`
          : `${step.session}: ${step.kind}`,
    )
    .join(", ");
}
