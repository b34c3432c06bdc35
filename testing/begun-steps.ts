import type { TaskNode } from "../runner/engine/nodes.ts";
import type { Observer } from "../runner/engine/run-state.ts";

/** Which steps were started, in whatever item or round, in any run of a test. */
export class BegunSteps implements Observer {
  readonly #paths = new Set<string>();

  /** `blogPost.live`, or a block around steps that were started. */
  has(step: string): boolean {
    return this.#paths.has(step);
  }

  readonly #count: (flow: string) => void;

  /** `count` is told each time a flow is called; what is called otherwise is known by what it does. */
  constructor(count: (flow: string) => void) {
    this.#count = count;
  }

  stepBegan(task: TaskNode): void {
    this.#paths.add(task.path.replaceAll(/\[[^\]]*\]|#\d+/g, ""));
    this.#called(task);
  }

  stepRetries(task: TaskNode): void {
    this.#called(task);
  }

  #called({ code: { action } }: TaskNode): void {
    if (action.kind !== "call" || action.plan.callee.kind !== "flow") return;
    const [name = ""] = action.plan.callee.name.split("(");
    this.#count(name);
  }

  stepEnded(): void {}
  stepUndone(): void {}
  leafChanged(): void {}
}
