import { randomBytes } from "node:crypto";

import { Client, Pool, TypeOverrides, types, type PoolClient, type PoolConfig } from "pg";

import { codeOf, toStoreError, troubleOf } from "./postgres-errors.ts";
import { Reconnection } from "./reconnection.ts";
import { qualify } from "./schema-name.ts";

export interface PostgresDatabaseOptions {
  readonly url: string;
  readonly schema: string;
  /** Milliseconds since 1970, instead of the server's clock. */
  readonly now?: () => number;
  readonly connections: number;
  /** Whether the server remembers statements by name; not for a PgBouncer before 1.21. */
  readonly prepare: boolean;
  /** How long a server that is away is waited for, in milliseconds. */
  readonly patienceMs: number;
}

export interface Rows<R> {
  readonly rows: readonly R[];
  /** Rows that were read or changed. */
  readonly count: number;
}

/** One transaction. */
export interface Tx {
  /** `@run` in the text stands for the table `run`, `@clock` for the store's time. */
  query<R = never>(text: string, values?: readonly unknown[]): Promise<Rows<R>>;
}

const pauses = [25, 50, 100, 200, 400, 800];
const maxConflicts = 8;
const connectTimeoutMs = 3_000;
/** Longer than any honest statement: who hears nothing for so long has lost the connection. */
const queryTimeoutMs = 60_000;
const begin =
  "BEGIN; SET LOCAL statement_timeout = '45s'; SET LOCAL idle_in_transaction_session_timeout = '45s'";
/** Code of a server that has no connection left. */
const tooMany = "53300";
const serverClock = "floor(extract(epoch FROM clock_timestamp()) * 1000)::float8";

/**
 * The connections of one process. Nothing it does leaves anything behind in a connection, so that the connection may be
 * another one after each transaction, as behind PgBouncer.
 */
export class PostgresDatabase {
  /** Statements sent so far, those that only begin or end a transaction included. */
  statements = 0;
  private readonly pool: Pool;
  private readonly options: PostgresDatabaseOptions;
  private readonly texts = new Map<string, string>();
  private readonly names = new Map<string, string>();
  private readonly reconnection = new Reconnection(() => this.reaches());
  private readonly session = randomBytes(9).toString("base64url");
  private flushes = 0;
  private closed = false;

  constructor(options: PostgresDatabaseOptions) {
    this.options = options;
    this.pool = new Pool(poolConfig(options));
    // An idle connection that breaks is replaced when it is needed.
    this.pool.on("error", () => {});
    // One that breaks in other hands is found out by the next statement. For all of its life: the server's last words may come in one
    // packet with those that made it usable, before anybody who waits for it can listen.
    this.pool.on("connect", (client) => client.on("error", () => {}));
  }

  /** A statement that may be repeated: it reads, or it says what is to be, whatever was before. */
  query<R = never>(text: string, values: readonly unknown[] = []): Promise<Rows<R>> {
    return this.persist(async () => {
      const client = await this.pool.connect();
      return this.using(client, () => this.send<R>(client, text, values));
    });
  }

  /**
   * All of `work` or nothing of it, exactly once: it is repeated until its commit is known to be durable. When the answer to a commit
   * is lost, the row that the transaction leaves in `flush` tells.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.persist(() => this.attempt(work));
  }

  /**
   * A single statement that is a transaction of its own, and puts the name it gets as its last value into `flush`. When its answer
   * is lost although it has happened, `lost` finds out what it would have been.
   */
  statement<R, T>(
    { text, values }: { readonly text: string; readonly values: readonly unknown[] },
    answer: { readonly done: (rows: Rows<R>) => T; readonly lost: () => Promise<T> },
  ): Promise<T> {
    return this.persist(async () => {
      this.flushes += 1;
      const uid = `${this.session}/${this.flushes}`;
      const client = await this.pool.connect();
      try {
        return answer.done(
          await this.using(client, () => this.send<R>(client, text, [...values, uid])),
        );
      } catch (error) {
        if (troubleOf(error) !== "connection" || !(await this.hasHappened(uid))) throw error;
        return answer.lost();
      }
    });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.pool.end();
  }

  private async attempt<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    this.flushes += 1;
    const uid = `${this.session}/${this.flushes}`;
    const client = await this.pool.connect();
    let result: { readonly value: T } | undefined;
    try {
      return await this.using(client, async () => {
        // With its successor in one packet: should it fail, so does that.
        const begun = this.plain(client, begin);
        begun.catch(() => {});
        const tx: Tx = { query: (text, values = []) => this.send(client, text, values) };
        try {
          const value = await work(tx);
          await begun;
          result = { value };
          await this.plain(client, `INSERT INTO @flush VALUES ('${uid}', @clock); COMMIT`);
          return value;
        } catch (error) {
          if (troubleOf(error) !== "connection") await this.plain(client, "ROLLBACK");
          throw error;
        }
      });
    } catch (error) {
      if (result === undefined || troubleOf(error) !== "connection") throw error;
      if (await this.hasHappened(uid)) return result.value;
      throw error;
    }
  }

  /**
   * Whether a transaction was committed. Its name is taken for good: one that is still under way is waited for, and one that
   * has not got so far can't be committed any more.
   */
  private async hasHappened(uid: string): Promise<boolean> {
    await this.query("INSERT INTO @flush VALUES ($1, -1) ON CONFLICT DO NOTHING", [uid]);
    const { rows } = await this.query<{ at: number }>("SELECT at FROM @flush WHERE uid = $1", [
      uid,
    ]);
    return rows[0] !== undefined && rows[0].at >= 0;
  }

  /** Gives the connection back, or drops it when it may be broken. */
  private async using<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
    try {
      const value = await work();
      client.release();
      return value;
    } catch (error) {
      client.release(troubleOf(error) === "connection");
      throw error;
    }
  }

  /** Tries again what trouble of a passing kind has undone. */
  private async persist<T>(attempt: () => Promise<T>): Promise<T> {
    let patience: AbortSignal | undefined;
    for (let tries = 0; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        const trouble = troubleOf(error);
        if (trouble === "refused" || (trouble === "conflict" && tries >= maxConflicts))
          throw toStoreError(error);
        const pauseMs = pauses[Math.min(tries, pauses.length - 1)] ?? 0;
        if (trouble === "conflict") await pause(pauseMs);
        else {
          patience ??= AbortSignal.timeout(this.options.patienceMs);
          if (patience.aborted || this.closed) throw toStoreError(error);
          await this.reconnection.wait(pauseMs, patience);
        }
      }
    }
  }

  /** Whether the server takes connections now, or has too many, or refuses this one. Those that are there may all be busy, or deaf. */
  private async reaches(): Promise<boolean> {
    const client = new Client(poolConfig(this.options));
    client.on("error", () => {});
    try {
      await client.connect();
      return true;
    } catch (error) {
      return codeOf(error) === tooMany || troubleOf(error) !== "connection";
    } finally {
      client.end().catch(() => {});
    }
  }

  private async send<R>(
    client: PoolClient,
    text: string,
    values: readonly unknown[],
  ): Promise<Rows<R>> {
    this.statements += 1;
    const qualified = this.qualified(text);
    const name =
      this.options.prepare && this.options.now === undefined ? this.nameOf(text) : undefined;
    const answer = await client.query({
      text: qualified,
      values: values as unknown[],
      ...(name === undefined ? {} : { name }),
    });
    return { rows: answer.rows as R[], count: answer.rowCount ?? 0 };
  }

  private async plain(client: PoolClient, text: string): Promise<void> {
    this.statements += 1;
    await client.query(this.qualified(text));
  }

  private qualified(text: string): string {
    const { now, schema } = this.options;
    if (now !== undefined && text.includes("@clock"))
      return qualify(schema, text.replaceAll("@clock", `${now()}::float8`));
    let known = this.texts.get(text);
    if (known === undefined) {
      known = qualify(schema, text.replaceAll("@clock", serverClock));
      // Texts with a name of their own in them are not worth it.
      if (this.texts.size < 1_000) this.texts.set(text, known);
    }
    return known;
  }

  private nameOf(text: string): string {
    let name = this.names.get(text);
    if (name === undefined) {
      name = `agentflow_${this.names.size + 1}`;
      this.names.set(text, name);
    }
    return name;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function poolConfig({ url, connections }: PostgresDatabaseOptions): PoolConfig {
  return {
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    idleTimeoutMillis: 60_000,
    types: numbers,
    ...pipelined,
  };
}

/** `pg` gives numbers of 64 bits as text; ours stay below 2^53. */
const numbers = new TypeOverrides();
numbers.setTypeParser(types.builtins.INT8, Number);

/** Statements that don't wait for each other's answer go out together. The type of the options does not know it yet. */
const pipelined: object = { pipeline: true };
