/**
 * `meshctl schema diff`: what differs between two schemas.
 *
 * @module
 */
import type { StoredSchema } from "../../../runtime/protocol/stored_schema.ts";
import { defineCommand } from "../../app/command.ts";
import { EXIT } from "../../base/exit.ts";
import { jsonText } from "../../output/json.ts";
import { REGISTRY_OPTIONS } from "../../mesh/registry_address.ts";
import { openRegistry } from "../../mesh/registry_client.ts";
import { diffLines, schemaDiff } from "../../mesh/schema_diff.ts";
import { findSchema, schemaOf, shortHash } from "../../mesh/schema_store.ts";

/** `meshctl schema diff <hash> <hash>`. */
export const diffCommand = defineCommand({
  name: "schema diff",
  summary: "Show what differs between two schemas",
  usage: "<hash> <hash>",
  details:
    "A hash may be shortened, and sha256: left out. Properties that only the first has are\n" +
    "marked -, those that only the second has +, and what differs ~.",
  positionals: { min: 2, max: 2 },
  options: {
    json: { type: "boolean", help: "Print JSON" },
    timeout: { type: "number", value: "SECONDS", default: 30, help: "Limit of a request" },
    ...REGISTRY_OPTIONS,
  },
  examples: [{ line: "schema diff 4f2a91 b07c33", note: "By the first digits of their hashes" }],
  run: async (context, { options, positionals: [first = "", second = ""] }) => {
    const client = await openRegistry(options, context);
    const [a, b] = await Promise.all([findSchema(client, first), findSchema(client, second)]);
    const diff = { ...schemaDiff(schemaOf(a), schemaOf(b)), hash_equal: a.hash === b.hash };
    if (options.json) {
      context.stdout.write(jsonText({ a, b, diff }));
      return EXIT.ok;
    }
    const { palette } = context.stdout;
    const lines = diffLines(diff, palette);
    const same = diff.hash_equal
      ? "The schemas are equal"
      : "The schemas say the same in different words";
    const others = [...new Set([a, b].flatMap(othersLine))];
    context.stdout.lines(
      [
        palette.paint("red", `--- ${shortHash(a.hash)} (${a.runtime_origin}, ${a.created_at})`),
        palette.paint("green", `+++ ${shortHash(b.hash)} (${b.runtime_origin}, ${b.created_at})`),
        ...(lines.length === 0 ? [same] : lines),
        ...others,
      ],
    );
    return EXIT.ok;
  },
});

/** Returns a line about further schemas under a hash, if there are any. */
function othersLine({ hash, declared = [] }: StoredSchema): string[] {
  if (declared.length < 2) return [];
  return [
    `${shortHash(hash)} stands for ${declared.length} different schemas, of which the first is ` +
    "compared; see them with `list --schemas --json`",
  ];
}
