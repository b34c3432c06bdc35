/**
 * What `agentflow` starts once it is built: `main.ts` and everything it imports, compiled already. The build puts the modules
 * beside this file and says what the first one is called.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { compiledModules } from "./compiled-modules.ts";
import { optimiseLater } from "./short-lived.ts";

declare const mainModule: string;

const command = process.argv[2] ?? "";
optimiseLater(command, process.versions.node);
const modules = compiledModules({
  folder: join(dirname(fileURLToPath(import.meta.url)), "modules"),
  purpose: command,
});
process.once("exit", () => modules.keep());
modules.load(mainModule);
