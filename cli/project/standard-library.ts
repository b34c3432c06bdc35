import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of the `std/…` modules: beside this package's source, or beside its bundle. */
export function standardLibraryFolder(): string {
  const candidates = ["../../stdlib/", "../stdlib/", "./stdlib/"].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = candidates.find((path) => existsSync(`${path}slack.agentflow`));
  if (found === undefined) throw new Error("the standard library is not beside the program");
  return found;
}
