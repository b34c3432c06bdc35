import type { Invocation } from "../command-spec.ts";
import { loadService } from "../service/load-service.ts";
import { serve } from "../service/serve.ts";

export async function up(invocation: Invocation): Promise<number> {
  const loaded = await loadService(invocation, { serves: true, words: invocation.args });
  const role = { name: "up", work: "all", duties: true, alone: true } as const;
  return await serve(invocation, loaded, role);
}
