/**
 * How much running agents keep in their data folders, and whether that is more than they may.
 *
 * @module
 */
import type { AgentRecord } from "../../runtime/process/plan.ts";
import { dataText } from "../view/permission_view.ts";
import type { Finding } from "./finding.ts";

/** Returns what there is to say of the data folders of agents, by their records. */
export function dataFindings(
  records: readonly Pick<AgentRecord, "name" | "data" | "data_use">[],
): Finding[] {
  return records.flatMap(({ name: agent, data, data_use: use }): Finding[] => {
    if (data === undefined || use === undefined) return [];
    const about = { check: "data", agent } as const;
    if (use.closed === undefined) {
      return [{ ...about, level: "ok", text: `keeps ${dataText(use)} in ${data}` }];
    }
    const text = `${agent} ${use.closed}, ${data}, so its code may not write there; ` +
      "remove files, or raise MCP_MESH_DATA_LIMIT and start it again";
    return [{ ...about, level: "warning", text }];
  });
}
