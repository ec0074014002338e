/**
 * What agents may touch and what they were refused, for people and for scripts.
 *
 * @module
 */
import { mebibytes } from "../../runtime/sandbox/exit_reason.ts";
import { permissionFlags } from "../../runtime/sandbox/permissions.ts";
import type { AgentRecord, DataUse, Refusal } from "../../runtime/process/plan.ts";
import type { Permissions } from "../../runtime/sandbox/grant.ts";
import type { Palette } from "../output/colour.ts";
import { formatAge } from "../output/duration.ts";
import { renderTable } from "../output/table.ts";

/** The document of one agent. */
export function permissionJson(record: AgentRecord) {
  const { name, agent_id, file, permissions, child, data, data_use, refusals } = record;
  return {
    name,
    agent_id: agent_id ?? null,
    file,
    permissions: permissions ?? null,
    flags: permissions === undefined ? [] : permissionFlags(permissions),
    isolation: child === undefined ? "worker" : "process",
    process: child ?? null,
    data: data ?? null,
    data_use: data_use ?? null,
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
  const { permissions, child, data, data_use: use, refusals = [], name, file } = record;
  const got = child === undefined ? permissions : { ...permissions, net: child.net };
  const flags = got === undefined ? [] : permissionFlags(got);
  const may = permissions === undefined
    ? "is not known: an older version runs it"
    : flags.length === 0
    ? "nothing beyond the mesh"
    : flags.join(" ");
  const inside = options.columns === undefined ? undefined : options.columns - 4;
  return [
    `${options.palette.paint("bold", name)}  ${file}`,
    `  May touch  ${may}`,
    ...child === undefined ? [] : [
      `  Machine    ${machineText(child.local)}`,
      `  Variables  ${child.variables.toSorted().join(", ") || "none"}`,
      ...child.left_out.map(({ what, why }, index) =>
        `  ${index === 0 ? "Left out " : "         "}  ${what}: ${why}`
      ),
    ],
    ...data === undefined ? [] : [
      `  Keeps      files in ${data}${use === undefined ? "" : `: ${dataText(use)}`}`,
    ],
    ...use?.closed === undefined
      ? []
      : ["             but may not write there until files are removed"],
    ...permissions !== undefined && waysOut(permissions).length > 0
      ? [`  A way out  ${wayOutText(permissions)}`]
      : [],
    ...refusals.length === 0 ? ["  Refused    nothing"] : [
      "  Refused",
      ...refusalTable(refusals, { ...options, columns: inside }).map((line) => `    ${line}`),
    ],
  ];
}

/** How much is in a data folder, and how much may be. */
export function dataText({ bytes, is_whole: isWhole, limit }: DataUse): string {
  return `${isWhole ? "" : "at least "}${sizeText(bytes)} of ${sizeText(limit)}`;
}

/** A size as `1,024 MiB`; a little that is there does not read as nothing. */
function sizeText(bytes: number): string {
  return bytes > 0 && bytes < 1024 ** 2 ? "less than 1 MiB" : mebibytes(bytes);
}

/** The ports of this machine that code reaches. */
export function machineText(local: readonly string[]): string {
  if (local.length === 0) return "no port of this machine";
  return local.includes("*")
    ? "every port of this machine but those of the mesh that were known at its start"
    : local.join(", ");
}

/** The flags that let code start something that no flag holds. */
export function waysOut({ run, ffi }: Permissions): string[] {
  const isGiven = (grant: Permissions["run"]) => Array.isArray(grant) ? grant.length > 0 : grant;
  return permissionFlags({
    ...(isGiven(run) ? { run } : {}),
    ...(isGiven(ffi) ? { ffi } : {}),
  });
}

/** A sentence about {@linkcode waysOut}. */
export function wayOutText(permissions: Permissions): string {
  return `${waysOut(permissions).join(" ")}: what it runs is held to none of this`;
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
