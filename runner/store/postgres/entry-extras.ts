import type { AppendEntry, StateAddress } from "../../ports/store.ts";
import type { Packed } from "../payload.ts";
import type { PackedEntry, PackedTask } from "../entry-packing.ts";
import { publishEvents } from "./event-publishing.ts";
import { keepLetters, usesOfLetter } from "./letters.ts";
import { insertRuns } from "./new-runs.ts";
import { moveCalls } from "./call-slots.ts";
import type { PayloadUse } from "./payloads.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { Tx } from "./postgres-database.ts";
import { keepUsage } from "./usage.ts";

export interface Written {
  /** Number of the run. */
  readonly n: number;
  readonly packed: PackedEntry;
  /** Place in the batch. */
  readonly index: number;
}

/** What entries hold beside their events and heads. Gives the runs that got something into their inboxes, by place in the batch. */
export async function writeExtras(
  context: PostgresContext,
  tx: Tx,
  written: readonly Written[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const delivered = new Map<number, readonly string[]>();
  await unuseStates(tx, written);
  await context.payloads.put(tx, written.flatMap(payloadsOf));
  await writeWaits(tx, written);
  await keepUsage(
    tx,
    written.flatMap(({ packed: { entry } }) =>
      entry.usage === undefined ? [] : [{ run: entry.run, records: entry.usage }],
    ),
  );
  const rich = written.filter(({ packed }) => packed.rich);
  if (rich.length > 0) await writeRich(context, tx, rich);
  for (const { index, packed } of written) {
    const { publish } = packed;
    if (publish.length === 0) continue;
    const reached = await publishEvents(context, tx, publish);
    delivered.set(index, [...new Set([...reached.values()].flat())]);
  }
  for (const [index, runs] of await moveCalls(tx, written))
    delivered.set(index, [...(delivered.get(index) ?? []), ...runs]);
  await clearLeftovers(
    tx,
    written.flatMap(({ n, packed }) => (packed.entry.head.ended === undefined ? [] : [n])),
  );
  return delivered;
}

function payloadsOf({ n, packed }: Written): readonly PayloadUse[] {
  const use = (of: Packed | null | undefined, usedBy: string): readonly PayloadUse[] =>
    (of?.payloads ?? []).map((payload) => ({ payload, usedBy }));
  const { entry, events, output, error, snapshot } = packed;
  const run = `run/${n}`;
  return [
    ...[events, output, error, snapshot].flatMap((item) => use(item, run)),
    ...packed.tasks.flatMap(({ body }) => use(body, run)),
    ...packed.letters.flatMap((letter) => usesOfLetter(letter, n)),
    ...(entry.remember ?? []).flatMap(({ key }, index) =>
      use(packed.remember[index], `memo/${key}`),
    ),
    ...(entry.states ?? []).flatMap((state, index) => use(packed.states[index], userOf(state))),
  ];
}

function userOf({ flow, name, key }: Pick<StateAddress, "flow" | "name" | "key">): string {
  return `state/${flow}/${name}/${key}`;
}

/** The values that are about to be replaced use nothing any more. */
async function unuseStates(tx: Tx, written: readonly Written[]): Promise<void> {
  const users = written.flatMap(({ packed }) => (packed.entry.states ?? []).map(userOf));
  if (users.length > 0)
    await tx.query("DELETE FROM @payload_use WHERE used_by = ANY ($1)", [users]);
}

async function writeWaits(tx: Tx, written: readonly Written[]): Promise<void> {
  const each = <T>(of: (entry: AppendEntry) => readonly T[] | undefined): [number, T][] =>
    written.flatMap(({ n, packed }) =>
      (of(packed.entry) ?? []).map((item): [number, T] => [n, item]),
    );
  const run = async (text: string, items: readonly [number, unknown][]): Promise<void> => {
    if (items.length > 0)
      await tx.query(text, [items.map(([n]) => n), items.map(([, item]) => item)]);
  };
  await run(
    "DELETE FROM @inbox i USING unnest($1::bigint[], $2::text[]) AS t (run, id) WHERE i.id = t.id AND i.run = t.run",
    each(({ taken }) => taken),
  );
  await run(
    "DELETE FROM @task k USING unnest($1::bigint[], $2::text[]) AS t (run, path) WHERE k.run = t.run AND k.path = t.path",
    each(({ tasks }) => tasks?.withdraw),
  );
  await run(
    "DELETE FROM @awaited k USING unnest($1::bigint[], $2::text[]) AS t (run, path) WHERE k.run = t.run AND k.path = t.path",
    each(({ waits }) => waits?.withdraw),
  );
  const tasks = lastOfEach(
    written.flatMap(({ n, packed }) => packed.tasks.map((task): [number, PackedTask] => [n, task])),
  );
  if (tasks.length > 0) {
    await tx.query(
      `INSERT INTO @task (run, path, body) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])
       ON CONFLICT (run, path) DO UPDATE SET body = excluded.body`,
      [
        tasks.map(([n]) => n),
        tasks.map(([, { path }]) => path),
        tasks.map(([, { body }]) => body.text),
      ],
    );
  }
  const waits = lastOfEach(each(({ waits: changed }) => changed?.put));
  if (waits.length === 0) return;
  await tx.query(
    `INSERT INTO @awaited (run, path, topic) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])
     ON CONFLICT (run, path) DO UPDATE SET topic = excluded.topic`,
    [waits.map(([n]) => n), waits.map(([, { path }]) => path), waits.map(([, { topic }]) => topic)],
  );
}

/** One statement can't change a row twice. */
function lastOfEach<T extends { readonly path: string }>(
  items: readonly [number, T][],
): [number, T][] {
  return [...new Map(items.map((item) => [`${item[0]} ${item[1].path}`, item])).values()];
}

async function writeRich(
  context: PostgresContext,
  tx: Tx,
  written: readonly Written[],
): Promise<void> {
  for (const { n, packed } of written) {
    const { entry, snapshot } = packed;
    for (const [index, { key, untilMs }] of (entry.remember ?? []).entries()) {
      await tx.query(
        `INSERT INTO @remembered (key, value, until) VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, until = excluded.until`,
        [key, packed.remember[index]?.text ?? "null", untilMs],
      );
    }
    for (const [index, { flow, name, key, atMs }] of (entry.states ?? []).entries()) {
      await tx.query(
        `INSERT INTO @state (flow, name, key, value, at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (flow, name, key) DO UPDATE SET value = excluded.value, at = excluded.at`,
        [flow, name, key, packed.states[index]?.text ?? "null", atMs],
      );
    }
    if (snapshot === null) continue;
    await tx.query(
      `INSERT INTO @snapshot (run, seq, state) VALUES ($1, $2, $3)
       ON CONFLICT (run) DO UPDATE SET seq = excluded.seq, state = excluded.state`,
      [n, entry.events.at(-1)?.seq ?? entry.expectedSeq, snapshot.text],
    );
  }
  await keepLetters(
    tx,
    written.flatMap(({ packed }) => packed.letters),
  );
  await insertRuns(
    context,
    tx,
    written.flatMap(({ packed }) => packed.starts),
  );
}

async function clearLeftovers(tx: Tx, ended: readonly number[]): Promise<void> {
  if (ended.length === 0) return;
  await tx.query(
    `WITH a AS (DELETE FROM @task WHERE run = ANY ($1)), b AS (DELETE FROM @awaited WHERE run = ANY ($1)),
       c AS (DELETE FROM @slot WHERE run = ANY ($1)), d AS (DELETE FROM @slot_wait WHERE run = ANY ($1))
     DELETE FROM @inbox WHERE run = ANY ($1)`,
    [ended],
  );
}
