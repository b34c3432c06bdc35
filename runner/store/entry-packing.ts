import type { Json } from "../../plan/expression.ts";
import type { ReceivedEvent } from "../../plan/history.ts";
import type { NewRun } from "../ports/new-run.ts";
import type { AppendEntry, StoredTask } from "../ports/store.ts";
import { packLetters, type PackedLetter } from "./letter-packing.ts";
import { pack, Packer, packSmall, type Packed, type Payload } from "./payload.ts";

/** An entry whose values have been turned into text, which may take a while and so happens before the flush. */
export interface PackedEntry {
  readonly entry: AppendEntry;
  readonly events: Packed;
  readonly output: Packed | null;
  readonly error: Packed | null;
  readonly publish: readonly PackedEvent[];
  readonly tasks: readonly PackedTask[];
  /** Whether there is anything in the following fields, or a dead letter. */
  readonly rich: boolean;
  readonly remember: readonly Packed[];
  readonly states: readonly Packed[];
  readonly snapshot: Packed | null;
  readonly starts: readonly { readonly run: NewRun; readonly events: Packed }[];
  readonly letters: readonly PackedLetter[];
}

/** A question on its way to whoever looks for it. */
export interface PackedTask {
  readonly path: string;
  readonly body: Packed;
}

/** An event on its way into the log and the inboxes. */
export interface PackedEvent {
  readonly event: ReceivedEvent;
  readonly body: Packed;
}

export async function packEvent(event: ReceivedEvent): Promise<PackedEvent> {
  return { event, body: packSmall(event) ?? (await pack(event as unknown as Json)) };
}

const none: readonly never[] = [];

/** The way nearly all entries go: nothing in them is large, and most of them hold nothing but events. */
export function packEntrySmall(entry: AppendEntry): PackedEntry | undefined {
  const rich =
    entry.remember !== undefined ||
    entry.states !== undefined ||
    entry.snapshot !== undefined ||
    entry.starts !== undefined ||
    entry.deadLetters !== undefined;
  if (rich) return undefined;
  const events = packSmall(entry.events);
  if (events === undefined) return undefined;
  const publish = entry.publish === undefined ? none : packSmallEvents(entry.publish);
  if (publish === undefined) return undefined;
  const asked = entry.tasks?.put;
  const tasks = asked === undefined ? none : packSmallTasks(asked);
  if (tasks === undefined) return undefined;
  const { ended } = entry.head;
  const output = ended === undefined ? null : packSmall(ended.output);
  const error = ended === undefined || ended.error === null ? null : packSmall(ended.error);
  if (output === undefined || error === undefined) return undefined;
  // Written out field by field, because this is done for every step.
  return {
    entry,
    rich: false,
    events,
    output,
    error,
    publish,
    tasks,
    letters: none,
    remember: none,
    states: none,
    snapshot: null,
    starts: none,
  };
}

function packSmallTasks(tasks: readonly StoredTask[]): readonly PackedTask[] | undefined {
  const packed: PackedTask[] = [];
  for (const task of tasks) {
    const body = packSmall(task);
    if (body === undefined) return undefined;
    packed.push({ path: task.path, body });
  }
  return packed;
}

function packSmallEvents(events: readonly ReceivedEvent[]): readonly PackedEvent[] | undefined {
  const packed: PackedEvent[] = [];
  for (const event of events) {
    const body = packSmall(event);
    if (body === undefined) return undefined;
    packed.push({ event, body });
  }
  return packed;
}

export async function packEntry(entry: AppendEntry): Promise<PackedEntry> {
  // What ends a run is the output of its last event, too.
  const packer = new Packer();
  const packAll = async (values: readonly Json[]): Promise<readonly Packed[]> => {
    const packed: Packed[] = [];
    for (const value of values) packed.push(await packer.pack(value));
    return packed;
  };
  const { ended } = entry.head;
  const error = ended?.error ?? null;
  const starts: { run: NewRun; events: Packed }[] = [];
  for (const run of entry.starts ?? [])
    starts.push({ run, events: await packer.pack(run.events as unknown as Json) });
  const tasks: PackedTask[] = [];
  for (const task of entry.tasks?.put ?? [])
    tasks.push({ path: task.path, body: await packer.pack(task as unknown as Json) });
  return {
    entry,
    rich: true,
    events: await packer.pack(entry.events as unknown as Json),
    output: ended === undefined ? null : await packer.pack(ended.output),
    error: error === null ? null : await packer.pack(error as unknown as Json),
    publish: await Promise.all((entry.publish ?? []).map(packEvent)),
    remember: await packAll((entry.remember ?? []).map((item) => item.value)),
    states: await packAll((entry.states ?? []).map((item) => item.value)),
    snapshot: entry.snapshot === undefined ? null : await packer.pack(entry.snapshot),
    starts,
    tasks,
    letters: await packLetters(entry.deadLetters ?? [], packer),
  };
}

/** All that is written for an entry beside its rows. */
export function payloadsOf(packed: PackedEntry): readonly Payload[] {
  const { events, output, error, publish, remember, states, snapshot, starts } = packed;
  const { tasks, letters } = packed;
  const parts = [events, output, error, snapshot, ...remember, ...states];
  const others = [
    ...[...publish, ...tasks, ...letters].map(({ body }) => body),
    ...[...starts.map((start) => start.events), ...letters.map(({ input }) => input)],
  ];
  return [...parts, ...others].flatMap((part) => part?.payloads ?? []);
}
