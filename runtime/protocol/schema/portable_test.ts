import { deepEqual } from "node:assert/strict";
import * as z from "zod";
import { portableSchema } from "./portable.ts";
import { publishedSchema } from "./hash.ts";

Deno.test("portableSchema() takes off the bounds every whole number of zod has", () => {
  const schema = z.toJSONSchema(z.object({ a: z.int(), b: z.int().min(1), c: z.number().max(2) }));
  deepEqual(portableSchema({ ...schema }).properties, {
    a: { type: "integer" },
    b: { type: "integer", minimum: 1 },
    c: { type: "number", maximum: 2 },
  });
  deepEqual(portableSchema({ ...z.toJSONSchema(z.int(), { io: "input" }) }).type, "integer");
});

Deno.test("a recursive zod type has the form of the same type elsewhere", () => {
  const Node = z.object({
    name: z.string(),
    get children() {
      return z.array(Node);
    },
  });
  const elsewhere = {
    $ref: "#/$defs/Tree",
    $defs: {
      Tree: {
        type: "object",
        required: ["name", "children"],
        properties: {
          name: { type: "string" },
          children: { type: "array", items: { $ref: "#/$defs/Tree" } },
        },
      },
    },
  };
  const published = publishedSchema(portableSchema({ ...z.toJSONSchema(Node) }));
  deepEqual(published, publishedSchema(elsewhere));
  deepEqual(published.warnings, []);
});

Deno.test("portableSchema() keeps other definitions", () => {
  const Leaf = z.object({ a: z.string() }).meta({ id: "Leaf" });
  const { $defs } = portableSchema({ ...z.toJSONSchema(z.object({ x: Leaf, y: Leaf })) });
  deepEqual(Object.keys($defs as Record<string, unknown>), ["Leaf"]);
});
