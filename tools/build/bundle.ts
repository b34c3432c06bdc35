import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { build, transform } from "esbuild";
import type { BuildOptions, Plugin } from "esbuild";

export interface BundleOptions {
  readonly root: string;
  /** Where `compiler/index.ts` becomes `compiler/index.js`. */
  readonly target: string;
  /** What people import, without `.ts`, each in a folder of the root. */
  readonly doors: readonly string[];
  /** Files that a thread is started with, by their URL, so that no import leads to them; two folders deep. */
  readonly threads: readonly string[];
  /** What people start: `start` becomes `file`, and loads the modules of `main`, which it finds beside itself. */
  readonly command: { readonly file: string; readonly start: string; readonly main: string };
  /** Packages that are not bundled: native addons, and what is looked up by name. */
  readonly packages: readonly string[];
}

/**
 * Bundles what loads together, and gives the files that went in. Of hundreds of small files, most of them in packages,
 * loading takes longer than any command: chevrotain alone takes 220 ms as it is published, and 9 ms bundled. What is
 * imported by `import()` stays in a module of its own, loaded when it is needed.
 */
export async function bundle(options: BundleOptions): Promise<string[]> {
  const inputs = [
    await bundleDoors(options),
    await bundleThreads(options),
    await bundleCommand(options),
  ];
  return inputs.flat();
}

function common({ root, target, packages }: BundleOptions): BuildOptions & { metafile: true } {
  return {
    absWorkingDir: root,
    outdir: target,
    bundle: true,
    platform: "node",
    target: "node20.19",
    external: [...packages],
    // Only white space and comments cost time to load; names stay readable in stack traces.
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
  };
}

async function bundleDoors(options: BundleOptions): Promise<string[]> {
  const { metafile } = await build({
    ...common(options),
    entryPoints: options.doors.map((name) => ({ in: `${name}.ts`, out: name })),
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    banner: { js: requireForPackages },
    plugins: [placedUrls(options.root, (place) => `new URL("../${place}", import.meta.url).href`)],
  });
  return Object.keys(metafile.inputs);
}

async function bundleThreads(options: BundleOptions): Promise<string[]> {
  const { metafile } = await build({
    ...common(options),
    entryPoints: options.threads.map((name) => ({ in: `${name}.ts`, out: name })),
    format: "esm",
    banner: { js: requireForPackages },
    plugins: [
      placedUrls(options.root, (place) => `new URL("../../${place}", import.meta.url).href`),
    ],
  });
  return Object.keys(metafile.inputs);
}

/**
 * The command's modules are in the older format, because only of scripts can Node 20 keep the compiled code. They are split
 * as ESM first, which esbuild does for no other format. Their names hold a hash of their content.
 */
async function bundleCommand(options: BundleOptions): Promise<string[]> {
  const { root, target, command } = options;
  const folder = join(target, command.file, "../modules");
  const fromHere = relative(folder, target).split(sep).join("/");
  const { metafile, outputFiles } = await build({
    ...common(options),
    outdir: folder,
    entryPoints: [`${command.main}.ts`],
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    format: "esm",
    splitting: true,
    write: false,
    plugins: [placedUrls(root, (place) => `new URL("${fromHere}/${place}", ownUrl).href`)],
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(target, command.file, "../package.json"), '{ "type": "commonjs" }\n');
  for (const { path, text } of outputFiles) writeFileSync(path, await asScript(text));
  const main = Object.entries(metafile.outputs).find(
    ([, { entryPoint }]) => entryPoint === `${command.main}.ts`,
  );
  const start = await build({
    ...common(options),
    entryPoints: [{ in: `${command.start}.ts`, out: command.file.replace(/\.js$/, "") }],
    format: "cjs",
    banner: { js: `#!/usr/bin/env node\n${ownUrl}` },
    define: {
      "import.meta.url": "ownUrl",
      mainModule: JSON.stringify(basename(main?.[0] ?? "")),
    },
  });
  return [...Object.keys(metafile.inputs), ...Object.keys(start.metafile.inputs)];
}

/** @throws Error when the script is not ASCII, which is how it will be read. */
async function asScript(module: string): Promise<string> {
  const { code } = await transform(module, {
    format: "cjs",
    platform: "node",
    target: "node20.19",
    // Makes `require` of `import()`.
    supported: { "dynamic-import": false },
    sourcefile: "module.mjs",
    minifyWhitespace: true,
    banner: ownUrl,
  });
  // oxlint-disable-next-line no-control-regex -- ASCII begins with control characters
  if (!/^[\x00-\x7f]*$/.test(code)) throw new Error("a module of the command is not ASCII");
  return code;
}

const ownUrl = 'const ownUrl=require("node:url").pathToFileURL(__filename).href;';

/** Packages in the older module format call `require` for Node's own modules. */
const requireForPackages =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

/** The place in `dist/` that a file would have by itself, so that it finds the files beside it. */
function placedUrls(root: string, urlOf: (place: string) => string): Plugin {
  return ownUrls((path) =>
    urlOf(relative(root, path).split(sep).join("/").replace(/\.ts$/, ".js")),
  );
}

/** Code in a bundle believes that it is still the file it was written in, whose URL is what this gives: an expression. */
export function ownUrls(urlOf: (path: string) => string): Plugin {
  return {
    name: "own-urls",
    setup(context) {
      context.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        if (!text.includes("import.meta.url")) return undefined;
        return { contents: text.replaceAll("import.meta.url", urlOf(path)), loader: "ts" };
      });
    },
  };
}
