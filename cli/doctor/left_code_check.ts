/**
 * Whether code of agents runs on though its runtime has ended.
 *
 * @module
 */
import { endLeftCode, type LeftCode, leftCode } from "../machine/left_code.ts";
import type { MeshHome } from "../machine/home.ts";
import { goneAgents } from "../machine/records.ts";
import type { Finding } from "./finding.ts";

/** Options for {@linkcode leftCodeFindings}. */
export interface LeftCodeOptions {
  readonly home: MeshHome;
  /** Whether code that is found is ended. */
  readonly fix: boolean;
  /** The command line, as the user calls it. */
  readonly program: string;
}

const CHECK = "processes";

/** Returns what is found of code without a runtime, and ends it if it is to be. */
export async function leftCodeFindings(
  { home, fix, program }: LeftCodeOptions,
): Promise<Finding[]> {
  const gone = await goneAgents(home);
  const found = await Promise.all(gone.map(async ({ record }) => {
    if (!fix) return (await leftCode(record, home)).map((each) => leftFinding(each, program));
    const { ended, survivors } = await endLeftCode(record, home);
    return [
      ...ended.map(endedFinding),
      ...survivors.map((each) => leftFinding(each, program)),
    ];
  }));
  const findings = found.flat();
  if (findings.length > 0) return findings;
  return [{ check: CHECK, level: "ok", text: "no code of an agent runs without its runtime" }];
}

function leftFinding({ agent, pid, what }: LeftCode, program: string): Finding {
  return {
    check: CHECK,
    level: "warning",
    agent,
    text: `process ${pid} (${what}) runs on though its runtime has ended`,
    fix: `${program} doctor --fix`,
  };
}

function endedFinding({ agent, pid, what }: LeftCode): Finding {
  const text = `process ${pid} (${what}) ran on though its runtime had ended; it was killed`;
  return { check: CHECK, level: "ok", agent, text };
}
