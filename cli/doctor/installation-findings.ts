import { packageVersion } from "../package-version.ts";
import type { Finding } from "./finding.ts";

const oldest = [20, 19] as const;

/** The program itself and the Node it runs on. */
export function installationFindings(): readonly Finding[] {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const tooOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
  const node: Finding = tooOld
    ? {
        state: "broken",
        subject: "Node",
        message: `${process.versions.node} is too old`,
        advice: `Install Node ${oldest.join(".")} or newer.`,
      }
    : { state: "fine", subject: "Node", message: process.versions.node };
  return [{ state: "fine", subject: "agentflow", message: packageVersion() }, node];
}
