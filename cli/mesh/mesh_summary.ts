/**
 * What a listing of agents says above and below its table.
 *
 * @module
 */
import type { RegistryHealth } from "../../runtime/protocol/listing.ts";
import { type AgentRow, isPresent } from "./mesh_view.ts";
import type { Palette } from "../output/colour.ts";
import { formatDuration } from "../output/duration.ts";

/** What the first line tells besides the agents. */
export interface Summary {
  /** Address of the registry. */
  url: string;
  /** Absent when the registry does not say. */
  health: RegistryHealth | undefined;
}

/** The line above the table: which registry, and how many agents are in which state. */
export function headerLine({ url, health }: Summary, rows: AgentRow[], palette: Palette): string {
  const count = (kind: AgentRow["down"]) => rows.filter(({ down }) => down === kind).length;
  const parts = [palette.paint("green", `${count(undefined)} healthy`)];
  const unhealthy = count("unhealthy");
  if (unhealthy > 0) parts.push(palette.paint("red", `${unhealthy} unhealthy`));
  for (const kind of ["inactive", "superseded"] as const) {
    if (count(kind) > 0) parts.push(palette.paint("dim", `${count(kind)} ${kind}`));
  }
  const uptime = health === undefined
    ? ""
    : ` - uptime ${formatDuration(health.uptime_seconds * 1_000)}`;
  return `Registry: running (${url}) - ${parts.join(", ")}${uptime}`;
}

/** The line below the table: how many names there are, and what is not shown. */
export function footerLine(rows: AgentRow[]): string {
  const names = (kept: AgentRow[]) => new Set(kept.map(({ agent }) => agent.name)).size;
  const healthy = names(rows.filter(({ down }) => down === undefined));
  const superseded = rows.filter(({ down }) => down === "superseded").length;
  const down = rows.filter((row) => !isPresent(row) && row.down !== "superseded").length;
  return `${names(rows)} agent(s) (${healthy} healthy)` +
    (down === 0 ? "" : ` - ${down} down hidden (use --all)`) +
    (superseded === 0 ? "" : ` - ${superseded} superseded hidden`);
}

/** What is said instead of a table when every agent is down. */
export function hiddenLines(rows: AgentRow[]): string[] {
  return rows.length > 0 ? [`${rows.length} down hidden (use --all)`] : [];
}
