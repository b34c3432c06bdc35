import { execFileSync, spawn } from "node:child_process";
import {
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  rmdirSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small disk of its own, for the tables. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves no byte free. */
  fill(): void;
  /** Takes away what filled it. */
  free(): void;
  close(): void;
}

const sizeMb = 256;

/** Mounts a disk in memory that belongs to the owner of `like`. Null when this process may not mount anything. */
export function mountSmallDisk(like: string): SmallDisk | null {
  const top = mkdtempSync(join(tmpdir(), "agentflow-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMb}m`, "tmpfs", top], {
      stdio: "ignore",
    });
  } catch {
    rmdirSync(top);
    return null;
  }
  // When this process is gone, however it ended, its end of the pipe closes.
  const guard = spawn("sh", ["-c", 'cat >/dev/null; umount -l "$1"; rmdir "$1"', "sh", top], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  const { uid, gid } = statSync(like);
  const folder = join(top, "tables");
  mkdirSync(folder);
  for (const path of [folder, top]) chownSync(path, uid, gid);
  const filler = join(top, "filler");
  return {
    folder,
    fill: () => fillUp(filler),
    free: () => rmSync(filler, { force: true }),
    close: () => guard.stdin.end(),
  };
}

function fillUp(path: string): void {
  const file = openSync(path, "a");
  try {
    for (const size of [1_048_576, 65_536, 4_096, 1]) {
      const chunk = Buffer.alloc(size);
      try {
        while (writeSync(file, chunk) === size);
      } catch {
        // No room for a chunk of this size: a smaller one may fit.
      }
    }
  } finally {
    closeSync(file);
  }
}

/**
 * Statements after which the server says that its disk is full while `chaos.disk` says so: for those who may not mount a small
 * one. Every transaction of the store writes into one of these tables.
 */
export const pretendedDisk: readonly string[] = [
  "CREATE SCHEMA chaos",
  "CREATE TABLE chaos.disk (is_full boolean NOT NULL)",
  "INSERT INTO chaos.disk VALUES (false)",
  `CREATE FUNCTION chaos.check_disk() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF (SELECT is_full FROM chaos.disk) THEN
       RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
     END IF;
     RETURN NULL;
   END $$`,
  ...["batch", "flush", "session", "run", "office"].map(
    (table) =>
      `CREATE TRIGGER chaos_disk BEFORE INSERT OR UPDATE ON agentflow.${table} FOR EACH STATEMENT EXECUTE FUNCTION chaos.check_disk()`,
  ),
];

export const pretendFull = (isFull: boolean): string => `UPDATE chaos.disk SET is_full = ${isFull}`;
