// A document that names a file is believed, so the file has to exist.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

const documents = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".md"))
  .filter((path) => !/(^|\/)(node_modules|dist|fixtures|goldens)(\/|$)/.test(path));

/**
 * What a document leads to, each with the paths that may be meant: relative links, and files in backticks, which are named
 * from the root or from the document.
 */
function targetsOf(path: string, markdown: string): string[][] {
  const prose = markdown.replaceAll(/^(```|~~~)[^]*?^\1/gm, "");
  const links = [...prose.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link]) => [
    join(dirname(path), link ?? ""),
  ]);
  const files = [...prose.matchAll(/`(\w[\w.-]*(?:\/[\w.-]+)+\.(?:ts|md|json))`/g)].map(
    ([, file = ""]) => [file, join(dirname(path), file)],
  );
  return [...links, ...files];
}

test("every file that a document leads to exists", () => {
  expect(documents).toContain("CONTRIBUTING.md");
  const missing = documents.flatMap((path) =>
    targetsOf(path, readFileSync(join(root, path), "utf8"))
      .filter((targets) => !targets.some((target) => existsSync(join(root, target))))
      .map(([target]) => `${path} → ${target}`),
  );
  expect(missing).toEqual([]);
});

test("links and named files are found, code and addresses are not", () => {
  const markdown = [
    "See [the map](../docs/map.md#inside), [here](#inside), [the web](https://example.com/a.md)",
    "and `tools/tidy/tidy.ts`, but not `tidy.ts` or `agentflow/compiler`.",
    "```",
    "[no](link.md)",
    "```",
  ].join("\n");
  expect(targetsOf("docs/index.md", markdown)).toEqual([
    ["docs/map.md"],
    ["tools/tidy/tidy.ts", "docs/tools/tidy/tidy.ts"],
  ]);
});
