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
  readonly edition: number;
}

export function createDeployments({ database }: PostgresContext): DeploymentStore {
  return {
    put: ({ program, planHash, environment, folder, mocked, atMs }, replaces) =>
      database.transaction(async (tx) => {
        const values = [program, planHash, environment, folder, mocked, atMs, replaces + 1];
        const { count } = await tx.query(
          replaces === 0
            ? `INSERT INTO @deployment (program, plan, environment, folder, mocked, at, edition) VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT DO NOTHING`
            : `UPDATE @deployment SET plan = $2, environment = $3, folder = $4, mocked = $5, at = $6, edition = $7
               WHERE program = $1 AND edition = $7 - 1`,
          values,
        );
        return count === 0 ? null : replaces + 1;
      }),
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
  const { program, plan: planHash, environment, folder, mocked, at: atMs, edition } = row;
  return { program, planHash, environment, folder, mocked, atMs, edition };
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
