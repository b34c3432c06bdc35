import type { Json } from "../../../plan/expression.ts";
import type { InboxItem, Store, StoredTask, TaskPage } from "../../ports/store.ts";
import { packEvent, type PackedEvent } from "../entry-packing.ts";
import { pack, packSmall, type Packed } from "../payload.ts";
import { publishEvents } from "./event-publishing.ts";
import { GroupCommit } from "./group-commit.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { Tx } from "./postgres-database.ts";

type Mailbox = Pick<Store, "deliver" | "inbox" | "runsWithMail" | "publish" | "tasks">;

interface Mail {
  readonly item: InboxItem;
  readonly body: Packed;
}

interface Look {
  readonly run: string;
  /** How much of it at most; null: all. */
  readonly limit: number | null;
}

const maxBatch = 300;

/** What comes to runs from outside. */
export function createMailbox(context: PostgresContext): Mailbox & { settled(): Promise<void> } {
  const { database, payloads } = context;
  const incoming = new GroupCommit<Mail, boolean>({
    max: maxBatch,
    keyOf: ({ item }) => item.id,
    flush: (batch) => database.transaction((tx) => deliver(context, tx, batch)),
  });
  const outgoing = new GroupCommit<PackedEvent, readonly string[]>({
    max: maxBatch,
    keyOf: ({ event }) => event.id,
    async flush(batch) {
      const reached = await database.transaction((tx) => publishEvents(context, tx, batch));
      return batch.map(({ event }) => reached.get(event.id) ?? []);
    },
  });
  // The owners of a process look into their inboxes at the same time.
  const looks = new GroupCommit<Look, readonly InboxItem[]>({
    max: 1_000,
    async flush(batch) {
      const { rows } = await database.query<{ i: number; body: string }>(
        `SELECT t.i::int AS i, mail.body FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS t (id, most, i)
         JOIN @run run ON run.id = t.id,
         LATERAL (SELECT n, body FROM @inbox WHERE run = run.n ORDER BY n LIMIT t.most) mail ORDER BY t.i, mail.n`,
        [batch.map(({ run }) => run), batch.map(({ limit }) => limit)],
      );
      const values = await payloads.unpack(rows.map(({ body }) => body));
      const found = batch.map((): InboxItem[] => []);
      for (const [index, { i }] of rows.entries())
        found[i - 1]?.push(values[index] as unknown as InboxItem);
      return found;
    },
  });

  return {
    async deliver(item) {
      const body = packSmall(item) ?? (await pack(item as unknown as Json));
      return incoming.submit({ item, body });
    },
    inbox: (run, limit) => looks.submit({ run, limit: limit ?? null }),
    async runsWithMail(session) {
      const { rows } = await database.query<{ id: string }>(
        `SELECT run.id FROM (SELECT DISTINCT run FROM @inbox) mail,
         LATERAL (SELECT id FROM @run WHERE n = mail.run AND owner = $1 OFFSET 0) run`,
        [session],
      );
      return rows.map(({ id }) => id);
    },
    publish: async (event) => outgoing.submit(await packEvent(event)),
    async tasks(run, { after, limit }: Partial<TaskPage> = {}) {
      const values: unknown[] = [limit ?? null];
      const conditions = ["true"];
      if (run !== undefined)
        conditions.push(`run = (SELECT n FROM @run WHERE id = $${values.push(run)})`);
      if (after !== undefined)
        conditions.push(
          `(run, path) > (coalesce((SELECT n FROM @run WHERE id = $${values.push(after.run)}), 0), $${values.push(after.path)})`,
        );
      const { rows } = await database.query<{ body: string }>(
        `SELECT body FROM @task WHERE ${conditions.join(" AND ")} ORDER BY run, path LIMIT $1::bigint`,
        values,
      );
      const tasks = await payloads.unpack(rows.map(({ body }) => body));
      return tasks as unknown as readonly StoredTask[];
    },
    async settled() {
      await Promise.all([incoming.settled(), outgoing.settled()]);
    },
  };
}

/**
 * An ended run takes nothing but a retry, and only an ended run takes that. A run may end at this moment: then this is mail
 * that it left unread.
 */
async function deliver(
  { payloads }: PostgresContext,
  tx: Tx,
  batch: readonly Mail[],
): Promise<readonly boolean[]> {
  // Who is told to begin again must not be removed as an old run meanwhile.
  const lock = batch.some(({ item }) => item.kind === "retry") ? " FOR KEY SHARE" : "";
  const { rows } = await tx.query<{ n: number; id: string; ended: boolean }>(
    `SELECT n, id, ended_at IS NOT NULL AS ended FROM @run WHERE id = ANY ($1)${lock}`,
    [batch.map(({ item }) => item.run)],
  );
  const runs = new Map(rows.map((row) => [row.id, row]));
  const taken = batch.flatMap((mail) => {
    const run = runs.get(mail.item.run);
    return run === undefined || run.ended !== (mail.item.kind === "retry")
      ? []
      : [{ ...mail, n: run.n }];
  });
  await payloads.put(
    tx,
    taken.flatMap(({ n, body }) =>
      body.payloads.map((payload) => ({ payload, usedBy: `run/${n}` })),
    ),
  );
  if (taken.length > 0) {
    await tx.query(
      "INSERT INTO @inbox (id, run, kind, body) SELECT id, run, kind, body FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) WITH ORDINALITY AS t (id, run, kind, body, i) ORDER BY i ON CONFLICT DO NOTHING",
      [
        taken.map(({ item }) => item.id),
        taken.map(({ n }) => n),
        taken.map(({ item }) => item.kind),
        taken.map(({ body }) => body.text),
      ],
    );
  }
  const ids = new Set(taken.map(({ item }) => item.id));
  return batch.map(({ item }) => ids.has(item.id));
}
