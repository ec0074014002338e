/**
 * Why a candidate was turned away, and what would let it in, in plain sentences. Pure.
 *
 * @module
 */
import * as z from "zod";
import type { AuditEviction } from "../../runtime/protocol/audit.ts";

/** What the stages tell of a candidate; which of it depends on the reason. */
const DetailsSchema = z.object({
  status: z.string().default("unhealthy"),
  reason: z.string().default(""),
  missing: z.array(z.string()).default([]),
  missing_one_of: z.array(z.string()).default([]),
  disallowed: z.array(z.string()).default([]),
  version: z.string().default(""),
  constraint: z.string().default(""),
  mode: z.string().default("subset"),
  reasons: z.array(z.object({
    kind: z.string(),
    path: z.string(),
    consumer_type: z.unknown().optional(),
    producer_type: z.unknown().optional(),
  })).default([]),
});
type Details = z.output<typeof DetailsSchema>;

/** One sentence about why a candidate was turned away. */
export function evictionSentence({ id, reason, details }: AuditEviction): string {
  const told = DetailsSchema.parse(details);
  switch (reason) {
    case "Unhealthy":
      return `${id} would do, but its agent is ${told.status}.`;
    case "Unavailable":
      return `${id} cannot be used: ${told.reason}.`;
    case "MissingTag":
      return `${id} does not have ${missingTag(told)}.`;
    case "ExtraTagDisallowed":
      return `${id} has ${named(told.disallowed)}, which ${
        told.disallowed.length === 1 ? "is" : "are"
      } excluded.`;
    case "VersionConstraintFailed":
      return `${id} has version ${
        told.version || "none"
      }, which ${told.constraint} does not allow.`;
    case "SchemaIncompatible":
      return `${id} answers something else than is expected: ${violations(told)}.`;
    default:
      return `${id} was turned away: ${reason}.`;
  }
}

/** One sentence about what would let a candidate in. */
export function remedy({ id, reason, details }: AuditEviction): string {
  const told = DetailsSchema.parse(details);
  switch (reason) {
    case "MissingTag":
      return `Add ${missingTag(told)} to ${id}, or do not ask for ${them(told.missing)}.`;
    case "ExtraTagDisallowed":
      return `Take ${named(told.disallowed)} from ${id}, or do not exclude ${
        them(told.disallowed)
      }.`;
    case "VersionConstraintFailed":
      return `Start a version of ${id} that ${told.constraint} allows, or ask for ` +
        `${told.version || "any version"}.`;
    case "SchemaIncompatible":
      return `Let the output of ${id} have what is expected, or expect what it has` +
        (told.mode === "strict" ? ", or ask for a subset." : ".");
    default:
      return `Start the agent of ${id} again.`;
  }
}

function missingTag({ missing, missing_one_of }: Details): string {
  if (missing.length > 0) return named(missing);
  return `one of the tags ${missing_one_of.map((tag) => JSON.stringify(tag)).join(", ")}`;
}

function named(tags: readonly string[]): string {
  return `the tag${tags.length === 1 ? "" : "s"} ${
    tags.map((tag) => JSON.stringify(tag)).join(" and ")
  }`;
}

function them(tags: readonly string[]): string {
  return tags.length > 1 ? "them" : "it";
}

function violations({ reasons, mode }: Details): string {
  const parts = reasons.slice(0, 5).map(({ kind, path, consumer_type, producer_type }) => {
    switch (kind) {
      case "missing_field":
        return `${path} is missing`;
      case "type_mismatch":
        return `${path || "the answer"} is ${typeText(producer_type)}, expected ` +
          typeText(consumer_type);
      case "missing_items_schema":
        return `${path || "the answer"} does not say what its items are`;
      case "no_published_hash":
      case "no_published_schema":
        return "it does not say what it answers";
      case "hash_mismatch":
        return "it is not the very same type";
      default:
        return `${path || "the answer"} is nested too deeply to compare`;
    }
  });
  return parts.length === 0 ? `it does not fit (${mode})` : parts.join("; ");
}

function typeText(type: unknown): string {
  if (Array.isArray(type)) return type.join(" or ");
  return type === undefined ? "anything" : String(type);
}
