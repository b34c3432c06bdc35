/** The schema that holds the tables unless another is told. */
export const defaultSchema = "agentflow";

/**
 * Puts the schema in front of each table: `@run` becomes `"agentflow".run`. Nothing is left to the `search_path`, which a pool of
 * connections does not keep.
 */
export function qualify(schema: string, sql: string): string {
  const quoted = quoteName(schema);
  return sql.replaceAll(/@([a-z_]+)/g, (_, table: string) => `${quoted}.${table}`);
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
