import type { Deployment, DeploymentStore } from "../ports/deployment-store.ts";
import type { Hold, HoldStore } from "../ports/hold-store.ts";
import type { SqliteContext } from "./sqlite-context.ts";

interface DeploymentRow {
  readonly program: string;
  readonly plan: string;
  readonly environment: string;
  readonly folder: string;
  readonly mocked: number;
  readonly at: number;
  readonly edition: number;
}

export function createDeployments({ database, flush }: SqliteContext): DeploymentStore {
  const put = database.prepare(
    "INSERT OR REPLACE INTO deployment (program, plan, environment, folder, mocked, at, edition) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const newest = database.prepare<{ edition: number }>(
    "SELECT edition FROM deployment WHERE program = ?",
  );
  const remove = database.prepare("DELETE FROM deployment WHERE program = ?");
  const all = database.prepare<DeploymentRow>("SELECT * FROM deployment ORDER BY program");
  return {
    put: ({ program, planHash, environment, folder, mocked, atMs }, replaces) =>
      flush.write(() => {
        if ((newest.get([program])?.edition ?? 0) !== replaces) return null;
        const edition = replaces + 1;
        put.run([program, planHash, environment, folder, mocked ? 1 : 0, atMs, edition]);
        return edition;
      }),
    remove: (program) => flush.write(() => remove.run([program]).changes > 0),
    list: async () => all.all().map(toDeployment),
  };
}

function toDeployment(row: DeploymentRow): Deployment {
  const { program, plan: planHash, environment, folder, mocked, at: atMs, edition } = row;
  return { program, planHash, environment, folder, mocked: mocked === 1, atMs, edition };
}

export function createHolds({ database, flush }: SqliteContext): HoldStore {
  const known = database.prepare("SELECT 1 FROM hold WHERE flow IS ?");
  const put = database.prepare("INSERT INTO hold (flow, reason, at) VALUES (?, ?, ?)");
  const lift = database.prepare("DELETE FROM hold WHERE flow IS ?");
  const all = database.prepare<{ flow: string | null; reason: string; at: number }>(
    "SELECT flow, reason, at FROM hold ORDER BY at, flow",
  );
  return {
    put: ({ flow, reason, atMs }) =>
      flush.write(() => {
        if (known.get([flow]) === undefined) put.run([flow, reason, atMs]);
      }),
    lift: (flow) => flush.write(() => lift.run([flow]).changes > 0),
    list: async () => all.all().map(({ flow, reason, at }): Hold => ({ flow, reason, atMs: at })),
  };
}
