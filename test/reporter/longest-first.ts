import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Projects in the order in which their files begin: what waits most comes first, and what shares a process comes last, one after the other. */
const order = ["long", "alone", "shared"];

/** No long file is left for the end, when nothing runs beside it. Within a project, files have their usual order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ project }: TestSpecification): number => order.indexOf(project.name);
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}
