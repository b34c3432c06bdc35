import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folders of the packages among the paths, such as `node_modules/ajv`. */
export function packageFolders(paths: readonly string[]): string[] {
  const folders = paths.flatMap((path) => {
    const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
    return folder === undefined ? [] : [folder];
  });
  return [...new Set(folders)].sort();
}

/**
 * Name, version and licence of each package, one after the other: whoever bundles them has to say so.
 *
 * @throws Error when a package does not name its licence.
 */
export function thirdPartyLicences(root: string, folders: readonly string[]): string {
  const parts = folders.map((folder) => licenceOf(join(root, folder)));
  return parts.join(`\n${"-".repeat(80)}\n\n`);
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  ) as { readonly name: string; readonly version: string; readonly license?: string };
  if (license === undefined) throw new Error(`${name} ${version} does not name its licence`);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)\b/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  return [`${name} ${version}, ${license}`, ...texts, ""].join("\n\n");
}
