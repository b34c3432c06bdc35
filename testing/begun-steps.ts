import type { TaskNode } from "../runner/engine/nodes.ts";
import type { Observer } from "../runner/engine/run-state.ts";

/** Which steps were started, in whatever item or round, in any run of a test. */
export class BegunSteps implements Observer {
  readonly #paths = new Set<string>();

  /** `blogPost.live`, or a block around steps that were started. */
  has(step: string): boolean {
    return this.#paths.has(step);
  }

  stepBegan({ path }: TaskNode): void {
    this.#paths.add(path.replaceAll(/\[[^\]]*\]|#\d+/g, ""));
  }

  stepEnded(): void {}
  stepRetries(): void {}
  stepUndone(): void {}
  leafChanged(): void {}
}
