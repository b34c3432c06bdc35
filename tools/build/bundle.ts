import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { build } from "esbuild";
import type { BuildOptions, Metafile, Plugin } from "esbuild";

export interface BundleOptions {
  readonly root: string;
  /** Where `compiler/index.ts` becomes `compiler/index.js`. */
  readonly target: string;
  /** What people start or import, without `.ts`, each in a folder of the root. */
  readonly doors: readonly string[];
  /** Files that a thread is started with, by their URL, so that no import leads to them; two folders deep. */
  readonly threads: readonly string[];
  /** Packages that are not bundled: native addons, and what is looked up by name. */
  readonly packages: readonly string[];
}

/**
 * Bundles what loads together, and gives the files that went in. Of hundreds of small files, most of them in packages,
 * loading takes longer than any command: chevrotain alone takes 220 ms as it is published, and 9 ms bundled. What is
 * imported by `import()` stays in a chunk of its own, loaded when it is needed.
 */
export async function bundle(options: BundleOptions): Promise<string[]> {
  const { root, target, doors, threads, packages } = options;
  const common: BuildOptions = {
    absWorkingDir: root,
    outdir: target,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: [...packages],
    // Only white space and comments cost time to load; names stay readable in stack traces.
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "warning",
    banner: { js: requireForPackages },
    metafile: true,
  };
  const { metafile: doorFiles } = await build({
    ...common,
    entryPoints: doors.map(entry),
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    plugins: [ownUrls(root, "../")],
  });
  const { metafile: threadFiles } = await build({
    ...common,
    entryPoints: threads.map(entry),
    plugins: [ownUrls(root, "../../")],
  });
  return [doorFiles, threadFiles].flatMap((metafile: Metafile | undefined) =>
    Object.keys(metafile?.inputs ?? {}),
  );
}

function entry(name: string): { in: string; out: string } {
  return { in: `${name}.ts`, out: name };
}

/** Packages in the older module format call `require` for Node's own modules. */
const requireForPackages =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

/**
 * Code in a chunk believes that it is still the file it was written in: its `import.meta.url` is the place in `dist/`
 * that this file would have by itself, so that it finds the files beside it.
 */
function ownUrls(root: string, pathToTarget: string): Plugin {
  return {
    name: "own-urls",
    setup(context) {
      context.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const file = relative(root, path).split(sep).join("/");
        if (!text.includes("import.meta.url")) return undefined;
        const place = JSON.stringify(pathToTarget + file.replace(/\.ts$/, ".js"));
        const contents = text.replaceAll(
          "import.meta.url",
          `new URL(${place}, import.meta.url).href`,
        );
        return { contents, loader: "ts" };
      });
    },
  };
}
