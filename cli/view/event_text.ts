/**
 * Events of a registry as lines to read.
 *
 * @module
 */
import { ResolutionAuditSchema } from "../../runtime/protocol/audit.ts";
import type { Event } from "../../runtime/protocol/listing.ts";
import { cellWidth, padToCells } from "../output/cells.ts";
import type { Colour, Palette } from "../output/colour.ts";
import { wrapped } from "../output/wrapped.ts";

const COLOURS: Record<string, Colour> = {
  register: "green",
  dependency_resolved: "green",
  unregister: "yellow",
  unhealthy: "red",
  expire: "red",
  dependency_unresolved: "red",
  update: "cyan",
  rotate: "cyan",
};

/** Columns of the type: as wide as the widest. */
const TYPE_WIDTH = "dependency_unresolved".length;

/** What stands before the further lines of an event. */
const INDENT = "  ";

/**
 * An event on one line: when, what, whose, and what is worth knowing of its data; on several where
 * that is too long.
 *
 * @param columns Cells of a line. @default {Infinity}
 */
export function eventLines(event: Event, palette: Palette, columns = Infinity): string[] {
  const { event_type, timestamp, agent_id } = event;
  const colour = COLOURS[event_type];
  const type = colour === undefined ? event_type : palette.paint(colour, event_type);
  const parts = [timestamp, type, agent_id, eventDetail(event)].filter((part) => part !== "");
  const inColumns = parts.map((part, at) => at === 1 ? padToCells(part, TYPE_WIDTH) : part)
    .join("  ");
  return cellWidth(inColumns) <= columns ? [inColumns] : folded(parts, columns);
}

/** As many parts on a line as have room; all lines but the first are indented. */
function folded(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const together = lines.length === 0 ? part : `${lines.at(-1)}  ${part}`;
    if (lines.length > 0 && cellWidth(together) <= columns) lines[lines.length - 1] = together;
    else {
      const indent = lines.length === 0 ? "" : INDENT;
      lines.push(...wrapped(part, columns - INDENT.length).map((line) => indent + line));
    }
  }
  return lines;
}

/** What is worth knowing of an event's data; empty when nothing is. */
export function eventDetail({ event_type, function_name, data = {} }: Event): string {
  if (event_type.startsWith("dependency_")) return resolutionDetail(function_name, data);
  const words = (...keys: string[]) =>
    keys.flatMap((key) => {
      const value = data[key];
      return typeof value === "string" && value !== "" ? [value] : [];
    });
  switch (event_type) {
    case "register":
      return data["reason"] === "recovery" ? "recovered" : words("version", "agent_type").join(" ");
    case "unhealthy":
      return words("description")[0] ?? words("reason").join(" ");
    default:
      return words("reason", "description").join(": ");
  }
}

function resolutionDetail(
  functionName: string | undefined,
  data: Record<string, unknown>,
): string {
  const audit = ResolutionAuditSchema.safeParse(data).data;
  if (audit === undefined) return functionName ?? "";
  const { spec, chosen, prior_chosen } = audit;
  const where = functionName === undefined ? "" : ` of ${functionName}`;
  const before = prior_chosen ? ` (was ${prior_chosen})` : "";
  const after = chosen ? `${chosen.agent_id}:${chosen.function_name}` : "nobody";
  return `${spec.capability}${where} → ${after}${before}`;
}
