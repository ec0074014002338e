/**
 * What agents may touch and what they were refused, for people and for scripts.
 *
 * @module
 */
import { permissionFlags } from "../../runtime/sandbox/permissions.ts";
import type { AgentRecord, Refusal } from "../../runtime/process/plan.ts";
import type { Palette } from "../output/colour.ts";
import { formatAge } from "../output/duration.ts";
import { renderTable } from "../output/table.ts";

/** The document of one agent. */
export function permissionJson({ name, agent_id, file, permissions, refusals }: AgentRecord) {
  return {
    name,
    agent_id: agent_id ?? null,
    file,
    permissions: permissions ?? null,
    flags: permissions === undefined ? [] : permissionFlags(permissions),
    refusals: refusals ?? [],
  };
}

/** What {@linkcode permissionBlock} needs besides the agent. */
export interface PermissionBlockOptions {
  palette: Palette;
  /** Milliseconds since the epoch. */
  now: number;
  /** Width to keep to, in characters. */
  columns?: number | undefined;
}

/** Lines about one agent. */
export function permissionBlock(record: AgentRecord, options: PermissionBlockOptions): string[] {
  const { permissions, refusals = [], name, file } = record;
  const flags = permissions === undefined ? [] : permissionFlags(permissions);
  const may = permissions === undefined
    ? "is not known: an older version runs it"
    : flags.length === 0
    ? "nothing beyond the mesh"
    : flags.join(" ");
  const inside = options.columns === undefined ? undefined : options.columns - 4;
  return [
    `${options.palette.paint("bold", name)}  ${file}`,
    `  May touch  ${may}`,
    ...refusals.length === 0 ? ["  Refused    nothing"] : [
      "  Refused",
      ...refusalTable(refusals, { ...options, columns: inside }).map((line) => `    ${line}`),
    ],
  ];
}

/** A table of refusals, with the flag that would allow each. */
export function refusalTable(
  refusals: readonly Refusal[],
  { palette, now, columns }: PermissionBlockOptions,
): string[] {
  return renderTable(
    [
      { title: "PERMISSION" },
      { title: "RESOURCE", rank: 3 },
      { title: "TIMES", rank: 1 },
      { title: "LAST", rank: 2 },
      { title: "WOULD ALLOW IT", least: 20 },
    ],
    refusals.map(({ permission, resource, count, last_at }) => [
      { text: permission, colour: "red" },
      resource ?? "everything",
      String(count),
      `${formatAge(last_at, now)} ago`,
      `--allow-${permission}${resource === null ? "" : `=${resource}`}`,
    ]),
    { palette, columns, whole: "--json" },
  );
}
