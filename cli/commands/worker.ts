import type { Invocation } from "../command-spec.ts";
import { loadService } from "../service/load-service.ts";
import { serve } from "../service/serve.ts";

export async function worker(invocation: Invocation): Promise<number> {
  const loaded = await loadService(invocation, { serves: false });
  const duties = loaded.settings.scheduler.enabled;
  return await serve(invocation, loaded, { name: "worker", work: "all", duties, alone: false });
}
