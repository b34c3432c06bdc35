import { testContents } from "./store-contents-conformance.ts";
import { testElection } from "./store-election-conformance.ts";
import { testOwnership } from "./store-ownership-conformance.ts";
import { testRetention } from "./store-retention-conformance.ts";
import { testSchedules } from "./store-schedules-conformance.ts";
import { testSharing } from "./store-sharing-conformance.ts";
import type { OpenStore } from "./store-scene-conformance.ts";

/** What every store promises: each adapter runs this suite. */
export function testStore(open: OpenStore): void {
  testOwnership(open);
  testContents(open);
  testSchedules(open);
  testSharing(open);
  testElection(open);
  testRetention(open);
}
