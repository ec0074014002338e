/**
 * The audit trail as `audit` shows it: a table, a tree of stages, a document.
 *
 * @module
 */
import type { AuditEviction, AuditSpec, AuditStage } from "../../runtime/protocol/audit.ts";
import type { AuditEvent } from "../mesh/audit_events.ts";
import { wantedTags } from "../mesh/mesh_view.ts";
import type { Palette } from "../output/colour.ts";
import { type Cell, type Column, renderTable, type TablePlace } from "../output/table.ts";

const COLUMNS: Column[] = [
  { title: "TIMESTAMP", least: 24, rank: 3 },
  { title: "DEP", least: 12 },
  { title: "FUNCTION", rank: 2 },
  { title: "CHOSEN", least: 14 },
  { title: "CANDIDATES", rank: 1 },
  { title: "CHANGE" },
];

/** Lines of the table: one resolution a row. */
export function auditTable(audits: AuditEvent[], place: TablePlace): string[] {
  const rows = audits.map(({ event, audit }): Cell[] => [
    event.timestamp,
    `[${audit.dep_index}] ${audit.spec.capability}`,
    event.function_name ?? "-",
    audit.chosen
      ? { text: `${audit.chosen.agent_id}:${audit.chosen.function_name}`, colour: "green" }
      : { text: "(unresolved)", colour: "red" },
    candidates(audit.stages),
    change({ event, audit }),
  ]);
  return renderTable(COLUMNS, rows, { ...place, whole: "--json" });
}

/** How many candidates there were, and how many were left for the last choice. */
function candidates(stages: AuditStage[]): string {
  const [first] = stages;
  const last = stages.findLast(({ stage }) => stage !== "tiebreaker");
  const entered = (first?.kept.length ?? 0) + (first?.evicted.length ?? 0);
  return `${entered} → ${last?.kept.length ?? 0}`;
}

function change({ audit: { chosen, prior_chosen: before } }: AuditEvent): string {
  if (!before || before === chosen?.agent_id) return "";
  return chosen ? `(was ${before})` : `(lost: ${before})`;
}

/** Lines that show, stage by stage, which candidates one resolution kept and turned away. */
export function auditTree(found: AuditEvent, palette: Palette): string[] {
  const { event, audit } = found;
  const where = event.function_name === undefined ? "" : ` of ${event.function_name}`;
  const end = audit.chosen
    ? palette.paint(
      "green",
      `✓ chosen ${audit.chosen.agent_id}:${audit.chosen.function_name}`,
    ) + ` at ${audit.chosen.endpoint}`
    : palette.paint("red", "✗ no resolution");
  return [
    palette.paint("bold", `${event.timestamp}  [${audit.dep_index}] ${audit.spec.capability}`) +
    where,
    `  asks for ${demand(audit.spec)}`,
    ...audit.stages.flatMap((stage) => stageLines(stage, palette)),
    ["  └─", end, change(found)].filter((part) => part !== "").join(" "),
  ];
}

function demand({ version_constraint, schema_mode, ...tags }: AuditSpec): string {
  const wanted = wantedTags(tags);
  const parts = [
    wanted.length === 0 ? "" : `tags ${wanted.join(", ")}`,
    version_constraint ? `version ${version_constraint}` : "",
    schema_mode === "none" ? "" : `schema ${schema_mode}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "any provider" : parts.join("; ");
}

function stageLines({ stage, kept, evicted, reason }: AuditStage, palette: Palette): string[] {
  const count = `[kept ${kept.length}, evicted ${evicted.length}]`;
  const rule = reason === undefined ? "" : ` by ${reason}`;
  return [
    `  ├─ ${stage} ${palette.paint("dim", count)}${rule}`,
    ...(kept.length === 0 ? [] : [`  │    ${kept.join(", ")}`]),
    ...evicted.map((eviction) => `  │    ${palette.paint("red", evictionText(eviction))}`),
  ];
}

function evictionText({ id, reason, details }: AuditEviction): string {
  const facts = Object.entries(details).map(([name, value]) =>
    `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`
  );
  return `✗ ${id} — ${reason}${facts.length === 0 ? "" : ` {${facts.join(", ")}}`}`;
}

/** The document of `audit --json`. */
export function auditJson(audits: AuditEvent[]) {
  return {
    events: audits.map(({ event, audit }) => ({
      event_type: event.event_type,
      agent_id: event.agent_id,
      agent_name: event.agent_name ?? null,
      function_name: event.function_name ?? null,
      timestamp: event.timestamp,
      data: event.data ?? {},
      trace: audit,
    })),
    count: audits.length,
  };
}
