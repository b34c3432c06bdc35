import type { Edit, Fix } from "../diagnostics/diagnostic.ts";
import { insert } from "../names/reporter.ts";
import type { CheckedModule } from "../types/checked.ts";
import type { On } from "../syntax/tree.ts";
import type { Rule } from "./rule.ts";

/** AF7002: who may call an address is said, never left open by accident. */
export const openHttpTrigger: Rule = ({ program, module, flows, report }) => {
  for (const flow of flows) {
    for (const entry of flow.node.block.entries) {
      if (entry.kind !== "on" || entry.trigger.text !== "http") continue;
      if (entry.block !== null && module.settingsOf(entry.block).has("auth")) continue;
      const bearer = fixFor(entry, module.file, "auth: { bearer: config.apiToken }");
      const declared = program.config.has("apiToken") ? [] : declaration(module);
      report({
        code: "AF7002",
        at: { start: entry.start, end: entry.block === null ? entry.end : entry.trigger.end },
        message: "this address does not say who may call it",
        help: 'add `auth: { bearer: config.apiToken }` (and `apiToken: secret` to `config`), or `auth: "none"` if everybody may',
        fixes: [
          {
            ...bearer,
            edits: [...bearer.edits, ...declared],
          },
          fixFor(entry, module.file, 'auth: "none"'),
        ],
      });
    }
  }
};

/** Declares the token, in the file's `config` if it has one. */
function declaration({ file, configs, parse }: CheckedModule): readonly Edit[] {
  const shape = configs.find((config) => config.shape !== null)?.shape;
  if (shape !== undefined && shape !== null)
    return [insert(file, shape.start + 1, " apiToken: secret ")];
  const [first] = parse.tree.declarations;
  return first === undefined ? [] : [insert(file, first.start, "config { apiToken: secret }\n\n")];
}

function fixFor(entry: On, file: string, setting: string): Fix {
  const edit =
    entry.block === null
      ? insert(file, entry.end, ` { ${setting} }`)
      : insert(file, entry.block.start + 1, ` ${setting} `);
  return { title: `add \`${setting}\``, edits: [edit], safe: false };
}
