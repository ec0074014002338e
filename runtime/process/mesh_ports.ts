/**
 * The ports of the mesh on this machine, which the code of agents never reaches by itself.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AgentRecordSchema } from "./plan.ts";

/**
 * Returns the ports of a registry and of every agent that has a record, running or not: an agent that
 * is started again mostly has the port that it had before.
 *
 * @param records Absolute path of the folder of the records.
 * @param registry URL of the registry. The port of one on another machine is closed on this one too,
 * which costs nothing.
 */
export function meshPorts(records: string, registry: string): number[] {
  return [...new Set([...registryPort(registry), ...namesIn(records).flatMap(recordedPort)])];

  function recordedPort(name: string): number[] {
    try {
      const { port } = AgentRecordSchema.parse(
        JSON.parse(readFileSync(join(records, name), "utf8")),
      );
      return port === undefined ? [] : [port];
    } catch {
      // It is being removed, or is not a record.
      return [];
    }
  }
}

function registryPort(registry: string): number[] {
  const url = URL.parse(registry);
  return url === null ? [] : [Number(url.port) || (url.protocol === "https:" ? 443 : 80)];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    // No agent has been started yet.
    return [];
  }
}
