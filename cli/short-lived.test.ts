import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

import { isPatient } from "./short-lived.ts";

test("V8 optimises later in commands that end soon, where it knows the flag", () => {
  expect(isPatient("check", "20.19.0")).toBe(true);
  expect(isPatient("worker", "20.19.0")).toBe(false);
  expect(isPatient("run", "20.20.0")).toBe(false);
  expect(isPatient("", "20.20.0")).toBe(false);
  expect(isPatient("check", "22.18.0")).toBe(false);
  expect(isPatient("check", "24.0.0")).toBe(false);
});

test("this Node complains about no flag", () => {
  const file = JSON.stringify(join(import.meta.dirname, "short-lived.ts"));
  const runner = join(import.meta.dirname, "../tools/typescript-loader.js");
  const script = `
    import { register } from "node:module";
    import { pathToFileURL } from "node:url";
    if (!process.features.typescript) register(pathToFileURL(${JSON.stringify(runner)}));
    const { optimiseLater } = await import(pathToFileURL(${file}));
    optimiseLater("check", process.versions.node);
    console.log("fine");
  `;
  const options = ["--no-warnings", "--input-type=module", "-e", script];
  const said = execFileSync(process.execPath, options, { encoding: "utf8", stdio: "pipe" });
  expect(said).toBe("fine\n");
});
