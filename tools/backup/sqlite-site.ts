import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "libsql";

import { openSqliteStore } from "../../runner/store/sqlite-store.ts";
import type { Backup, Site } from "./site.ts";

type Place = Pick<Site, "store" | "transport" | "destroy">;

/** A file of SQLite, backed up with `VACUUM INTO`: one read transaction, which writers need not wait for. */
export async function openSqliteSite(): Promise<Site> {
  const place = newPlace();
  await openSqliteStore({ path: place.store, now: () => Date.now() }).close();
  return { ...place, backUp: () => Promise.resolve(backUp(place.store)) };
}

function newPlace(): Place & { readonly store: string } {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-backup-"));
  return {
    store: join(folder, "agentflow.db"),
    transport: { kind: "in-process" },
    destroy() {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

function backUp(file: string): Backup {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-backup-"));
  const copy = join(folder, "copy.db");
  const database = new Database(file);
  try {
    database.exec("PRAGMA busy_timeout = 5000");
    database.prepare("VACUUM INTO ?").run(copy);
  } finally {
    database.close();
  }
  return {
    bytes: statSync(copy).size,
    restore() {
      const place = newPlace();
      copyFileSync(copy, place.store);
      return Promise.resolve(place);
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}
