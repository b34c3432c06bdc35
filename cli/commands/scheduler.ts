import type { Invocation } from "../command-spec.ts";
import { loadService } from "../service/load-service.ts";
import { serve } from "../service/serve.ts";

export async function scheduler(invocation: Invocation): Promise<number> {
  const loaded = await loadService(invocation, { serves: true });
  const role = { name: "scheduler", work: "none", duties: true, alone: false } as const;
  return await serve(invocation, loaded, role);
}
