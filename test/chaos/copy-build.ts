import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { runAtEnd } from "../../tools/services/run-at-end.ts";

export interface CopiedBuild {
  /** URL of the built runner. */
  readonly runner: string;
  /** The same as a later version that writes snapshots of another form, and can't read those of this one. */
  readonly otherRunner: string;
  readonly remove: () => void;
}

const root = join(import.meta.dirname, "../..");

/** Copies of what is built, so that a build during the chaos is no fault more. */
export function copyBuild(): CopiedBuild {
  const dist = join(root, "dist");
  if (!existsSync(join(dist, "runner/index.js")))
    throw new Error("there is no build to be tried: `npm run build` makes it");
  const folder = mkdtempSync(join(tmpdir(), "agentflow-chaos-"));
  const spare = runAtEnd('rm -rf "$1"', folder);
  const copy = (name: string): string => {
    const home = join(folder, name);
    cpSync(dist, join(home, "dist"), { recursive: true });
    cpSync(join(root, "package.json"), join(home, "package.json"));
    symlinkSync(join(root, "node_modules"), join(home, "node_modules"));
    return home;
  };
  const door = (home: string): string => pathToFileURL(join(home, "dist/runner/index.js")).href;
  const other = copy("other");
  changeForm(other);
  return {
    runner: door(copy("this")),
    otherRunner: door(other),
    remove() {
      spare();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const laterVersion = "999.0.0";
/** As the bundler writes the fields of a snapshot; the number of its form may have got another name. */
const fields = /\{(?:version:)?(version\d*),shape:shapeOf\(/;

function changeForm(home: string): void {
  const chunks = join(home, "dist/chunks");
  const changed = readdirSync(chunks).filter((name) => {
    const path = join(chunks, name);
    const text = readFileSync(path, "utf8");
    const variable = fields.exec(text)?.[1];
    if (variable === undefined) return false;
    const other = text.replace(new RegExp(`\\bvar ${variable}=\\d+;`), `var ${variable}=999;`);
    writeFileSync(path, other);
    return other !== text;
  });
  if (changed.length !== 1)
    throw new Error(`the number of the snapshots' form is in ${changed.length} files of the build`);
  const manifest = join(home, "package.json");
  const text = readFileSync(manifest, "utf8");
  writeFileSync(manifest, text.replace(/"version": "[^"]*"/, `"version": "${laterVersion}"`));
}
