import { migrateDatabase, openRunner } from "../../runner/index.ts";
import { startPrivatePostgres } from "../../tools/services/private-postgres.ts";
import { chainPlan } from "./chain-plan.ts";
import { chainLength, chainsOn, chainWork, type Chains } from "./embedded-chains.ts";

/** The same chains with their truth in PostgreSQL, which syncs every commit; one process works on them. */
export async function postgresChains(): Promise<Chains> {
  const server = await startPrivatePostgres();
  await migrateDatabase(server.url);
  const runner = await openRunner({
    store: `${server.url}?prepare=1`,
    variables: {},
    folder: "/",
    modules: chainWork,
  });
  return chainsOn(runner, chainPlan(chainLength), server.stop);
}
