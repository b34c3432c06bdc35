import type { Deployment, DeploymentStore } from "../../ports/deployment-store.ts";
import type { HoldStore } from "../../ports/hold-store.ts";
import type { PostgresContext } from "./postgres-context.ts";

interface DeploymentRow {
  readonly program: string;
  readonly plan: string;
  readonly environment: string;
  readonly folder: string;
  readonly mocked: boolean;
  readonly at: number;
}

export function createDeployments({ database }: PostgresContext): DeploymentStore {
  return {
    async put({ program, planHash, environment, folder, mocked, atMs }) {
      await database.query(
        `INSERT INTO @deployment (program, plan, environment, folder, mocked, at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (program) DO UPDATE SET plan = excluded.plan, environment = excluded.environment,
           folder = excluded.folder, mocked = excluded.mocked, at = excluded.at`,
        [program, planHash, environment, folder, mocked, atMs],
      );
    },
    remove: (program) =>
      database.transaction(
        async (tx) =>
          (await tx.query("DELETE FROM @deployment WHERE program = $1", [program])).count > 0,
      ),
    async list() {
      const { rows } = await database.query<DeploymentRow>(
        'SELECT * FROM @deployment ORDER BY program COLLATE "C"',
      );
      return rows.map(toDeployment);
    },
  };
}

function toDeployment(row: DeploymentRow): Deployment {
  const { program, plan: planHash, environment, folder, mocked, at: atMs } = row;
  return { program, planHash, environment, folder, mocked, atMs };
}

/** In the table, '' stands for all flows: no flow has an empty name. */
export function createHolds({ database }: PostgresContext): HoldStore {
  return {
    async put({ flow, reason, atMs }) {
      await database.query(
        "INSERT INTO @hold (flow, reason, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        [flow ?? "", reason, atMs],
      );
    },
    lift: (flow) =>
      database.transaction(
        async (tx) => (await tx.query("DELETE FROM @hold WHERE flow = $1", [flow ?? ""])).count > 0,
      ),
    async list() {
      const { rows } = await database.query<{ flow: string; reason: string; at: number }>(
        'SELECT flow, reason, at FROM @hold ORDER BY at, flow COLLATE "C"',
      );
      return rows.map(({ flow, reason, at }) => ({
        flow: flow === "" ? null : flow,
        reason,
        atMs: at,
      }));
    },
  };
}
