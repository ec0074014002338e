/**
 * Events of a registry as lines to read.
 *
 * @module
 */
import { ResolutionAuditSchema } from "../runtime/protocol/audit.ts";
import type { Event } from "../runtime/protocol/listing.ts";
import type { Colour, Palette } from "./output/colour.ts";

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

/** One line about an event: when, what, whose, and what is worth knowing of its data. */
export function eventLine(event: Event, palette: Palette): string {
  const type = event.event_type.padEnd(TYPE_WIDTH);
  const colour = COLOURS[event.event_type];
  const parts = [
    event.timestamp,
    colour === undefined ? type : palette.paint(colour, type),
    event.agent_id,
    eventDetail(event),
  ];
  return parts.filter((part) => part !== "").join("  ");
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
