/** The schema that holds the tables unless another is told. */
const defaultSchema = "agentflow";

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

export interface PostgresAddress {
  /** What `pg` is to connect to. */
  readonly url: string;
  readonly schema: string;
  readonly prepare: boolean;
}

/** Takes our own parameters out of a URL: `?schema=team_a` and `?prepare=1`. */
export function readAddress(text: string): PostgresAddress {
  const [base = text, query = ""] = text.split("?", 2);
  const parameters = new URLSearchParams(query);
  const schema = parameters.get("schema") ?? defaultSchema;
  const prepare = parameters.get("prepare") === "1";
  parameters.delete("schema");
  parameters.delete("prepare");
  const rest = parameters.toString();
  return { url: rest === "" ? base : `${base}?${rest}`, schema, prepare };
}
