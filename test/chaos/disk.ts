import { execFileSync, spawn } from "node:child_process";
import {
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
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

const sizeMb = 192;

/**
 * Mounts a disk in memory that belongs to the owner of `like`.
 *
 * @throws Error when this process may not mount anything.
 */
export function mountSmallDisk(like: string): SmallDisk {
  const top = mkdtempSync(join(tmpdir(), "agentflow-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMb}m`, "tmpfs", top], {
      stdio: ["ignore", "ignore", "pipe"],
    });
  } catch (error) {
    rmSync(top, { recursive: true });
    throw new Error("the fault disk-full needs the right to mount a disk in memory (run as root)", {
      cause: error,
    });
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
  chownSync(folder, uid, gid);
  chownSync(top, uid, gid);
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
        for (;;) if (writeSync(file, chunk) < size) break;
      } catch {
        // No room for a chunk of this size: a smaller one may fit.
      }
    }
  } finally {
    closeSync(file);
  }
}
