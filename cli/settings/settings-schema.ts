import { settingsTable, type Schema } from "./settings-table.ts";

/** The JSON Schema of `agentflow.config.yaml`, made from the table. It is published as `config/agentflow.config.schema.json`. */
export const settingsSchema: Schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "agentflow.config.yaml",
  type: "object",
  additionalProperties: false,
  properties: properties(),
};

function properties(): Schema {
  const found: Record<string, Schema> = {};
  const sections: Record<string, Record<string, Schema>> = {};
  for (const { key, schema, about, fallback } of settingsTable) {
    const [section = "", field] = key.split(".");
    const described = {
      ...schema,
      description: about,
      ...(fallback === undefined ? {} : { default: fallback }),
    };
    if (field === undefined) {
      found[section] = described;
      continue;
    }
    const fields = (sections[section] ??= {});
    fields[field] = described;
    found[section] = { type: "object", additionalProperties: false, properties: fields };
  }
  return found;
}
