import assert from "node:assert/strict";
import { Pass } from "./availability.ts";
import { explainDependency, matchDependency } from "./dependency.ts";
import {
  agentOf,
  type DependencyInput,
  dependencyOf,
  directoryOf,
  type ToolInput,
} from "./mesh_fixture.ts";
import type { DirectoryAgent } from "./model.ts";
import { candidateId } from "./trail.ts";

const consumer = agentOf("consumer", []);

/** A provider of capability `c` with one function named `f`. */
const provider = (
  id: string,
  tool: ToolInput = {},
  facts: Partial<DirectoryAgent> = {},
): DirectoryAgent => agentOf(id, [{ capability: "c", function_name: "f", ...tool }], facts);

const tagged = (id: string, version: string, ...tags: string[]) => provider(id, { version, tags });
const versioned = (id: string, version: string) => provider(id, { version });
const three = () => [versioned("a", "4.6.0"), versioned("b", "4.7.0"), versioned("c", "5.0.0")];

interface Row {
  id: string;
  /** The wire allows a namespace here; nothing reads it. */
  asks: DependencyInput & { namespace?: string };
  mesh: DirectoryAgent[];
  /** `agent:function`; `undefined` when unresolved. */
  chosen: string | undefined;
  /** Ids of equal rank, winner first; by default the winner alone. */
  equals?: string[];
  consumer?: DirectoryAgent;
}

const self = agentOf("self", [{ capability: "c", function_name: "own" }]);
const elsewhere = { namespace: "other" };

const rows: Row[] = [
  {
    id: "T6 the one without the excluded tag",
    asks: { tags: ["x", "-bad"] },
    mesh: [tagged("a", "1", "x", "bad"), tagged("b", "1", "x")],
    chosen: "b:f",
  },
  {
    id: "T9 score before version",
    asks: { tags: ["x", "+p"] },
    mesh: [tagged("a", "9.0.0", "x"), tagged("b", "1.0.0", "x", "p")],
    chosen: "b:f",
  },
  {
    id: "T9 score before version, the winner registered first",
    asks: { tags: ["x", "+p"] },
    mesh: [tagged("a", "1.0.0", "x", "p"), tagged("b", "9.0.0", "x")],
    chosen: "a:f",
  },
  {
    id: "T10 more preferred tags before version",
    asks: { tags: ["x", "+p", "+q"] },
    mesh: [tagged("a", "9.0.0", "x", "p"), tagged("b", "1.0.0", "x", "p", "q")],
    chosen: "b:f",
  },
  {
    id: "T14 the prefix is an operator",
    asks: { tags: ["+opus"] },
    mesh: [tagged("a", "1.0.0", "+opus"), tagged("b", "0.1.0", "opus")],
    chosen: "b:f",
  },
  {
    id: "T16 a number among the tags is ignored",
    asks: { tags: [1] },
    mesh: [tagged("a", "1.0.0", "x")],
    chosen: "a:f",
  },
  {
    id: "T19 preferred member before version",
    asks: { tags: [["+py", "ts"]] },
    mesh: [tagged("a", "9.0.0", "ts"), tagged("b", "1.0.0", "py")],
    chosen: "b:f",
  },
  {
    id: "T24 both members, lower id",
    asks: { tags: ["addition", ["python", "typescript"]] },
    mesh: [
      tagged("ts-agent", "1.0.0", "addition", "typescript"),
      tagged("py-agent", "1.0.0", "addition", "python"),
    ],
    chosen: "py-agent:f",
    equals: ["py-agent:f", "ts-agent:f"],
  },
  ...([
    ["V1 absent", undefined, "c:f"],
    ["V1 empty", "", "c:f"],
    ["V2", "^4.6.0", "b:f"],
    ["V3", ">=4.6.0", "c:f"],
    ["V4 bare", "4.6.0", "a:f"],
    ["V4 =", "=4.6.0", "a:f"],
    ["V4 v", "v4.6.0", "a:f"],
    ["V5", "~4.6.0", "a:f"],
    ["V6 comma", ">=4.6, <5", "b:f"],
    ["V6 space", ">4.6.0 <5.0.0", "b:f"],
    ["V7", "<4.7 || >=5", "c:f"],
    ["V8 bare", "4", "b:f"],
    ["V8 x", "4.x", "b:f"],
    ["V8 caret", "^4", "b:f"],
    ["V9", "*", "c:f"],
    ["V10", "!=5.0.0", "b:f"],
    ["V11", "4.6.0 - 4.9.0", "b:f"],
    ["V12", "latest", undefined],
  ] as const).map(([id, version, chosen]): Row => ({
    id,
    asks: { version },
    mesh: three(),
    chosen,
  })),
  {
    id: "V13 only a pre-release",
    asks: { version: "^1.0.0" },
    mesh: [versioned("a", "1.1.0-beta.1")],
    chosen: undefined,
  },
  {
    id: "V14 a pre-release asked for",
    asks: { version: ">=1.0.0-0" },
    mesh: [versioned("a", "1.1.0-beta.1")],
    chosen: "a:f",
  },
  {
    id: "V15 a pre-release competes without a constraint",
    asks: {},
    mesh: [versioned("a", "1.0.0"), versioned("b", "1.1.0-beta.1")],
    chosen: "b:f",
  },
  {
    id: "V18 word for word",
    asks: { version: "nightly" },
    mesh: [versioned("a", "nightly")],
    chosen: "a:f",
  },
  {
    id: "V19 a version before a word",
    asks: {},
    mesh: [versioned("a", "nightly"), versioned("b", "0.0.1")],
    chosen: "b:f",
  },
  {
    id: "V20 numeric order",
    asks: {},
    mesh: [versioned("a", "1.9.0"), versioned("b", "1.10.0")],
    chosen: "b:f",
  },
  {
    id: "V21 lower id",
    asks: {},
    mesh: [versioned("zeta", "1.0.0"), versioned("alpha", "1.0.0")],
    chosen: "alpha:f",
    equals: ["alpha:f", "zeta:f"],
  },
  {
    id: "V22 build metadata does not rank",
    asks: {},
    mesh: [versioned("b", "1.0.0+b"), versioned("a", "1.0.0+a")],
    chosen: "a:f",
    equals: ["a:f", "b:f"],
  },
  {
    id: "V23 newest of one agent",
    asks: {},
    mesh: [agentOf("a", [
      { capability: "c", function_name: "f1", version: "1.0.0" },
      { capability: "c", function_name: "f2", version: "2.0.0" },
    ])],
    chosen: "a:f2",
  },
  {
    id: "V24 first declared of one agent",
    asks: {},
    mesh: [agentOf("a", [
      { capability: "c", function_name: "f2" },
      { capability: "c", function_name: "f1" },
    ])],
    chosen: "a:f2",
    equals: ["a:f2", "a:f1"],
  },
  {
    id: "V26 caret",
    asks: { version: "^2.0.0" },
    mesh: [versioned("a", "2.1.0")],
    chosen: "a:f",
  },
  {
    id: "D3 empty capability",
    asks: { capability: "" },
    mesh: [agentOf("a", [{ capability: "", function_name: "f" }])],
    chosen: undefined,
  },
  { id: "D4 the consumer itself", asks: {}, mesh: [self], chosen: "self:own", consumer: self },
  {
    id: "D5 the dependency's namespace means nothing",
    asks: { namespace: "other" },
    mesh: [provider("a")],
    chosen: "a:f",
  },
  {
    id: "D9 any characters in a capability",
    asks: { capability: "Weird Cap!/x" },
    mesh: [provider("a", { capability: "Weird Cap!/x" })],
    chosen: "a:f",
  },
  {
    id: "D10 unhealthy provider",
    asks: {},
    mesh: [provider("a", {}, { status: "unhealthy" })],
    chosen: undefined,
  },
  {
    id: "E1 unknown health is not healthy",
    asks: {},
    mesh: [provider("a", {}, { status: "unknown" }), provider("b")],
    chosen: "b:f",
  },
  {
    id: "E2 capability case matters",
    asks: { capability: "C" },
    mesh: [provider("a")],
    chosen: undefined,
  },
  {
    id: "E3 a better provider of another namespace",
    asks: { tags: ["+p"] },
    mesh: [provider("a", { tags: ["p"], version: "9.0.0" }, elsewhere), provider("b")],
    chosen: "b:f",
  },
  {
    id: "E4 only another namespace offers it",
    asks: {},
    mesh: [provider("a", {}, elsewhere)],
    chosen: undefined,
  },
  {
    id: "E5 the consumer's own namespace",
    asks: {},
    mesh: [provider("a"), provider("b", {}, elsewhere)],
    chosen: "b:f",
    consumer: agentOf("consumer", [], elsewhere),
  },
  {
    id: "E6 equals exclude lower scores and versions",
    asks: { tags: ["+p"] },
    mesh: [
      tagged("d", "1.0.0", "p"),
      tagged("e", "2.0.0"),
      tagged("c", "2.0.0", "p"),
      tagged("b", "2.0", "p"),
      tagged("a", "1.9.9", "p"),
    ],
    chosen: "b:f",
    equals: ["b:f", "c:f"],
  },
  {
    id: "E7 equals of three, registered last to first",
    asks: {},
    mesh: [provider("c"), provider("b"), provider("a")],
    chosen: "a:f",
    equals: ["a:f", "b:f", "c:f"],
  },
  {
    id: "E8 equal words rank the same",
    asks: {},
    mesh: [versioned("b", "nightly"), versioned("a", "nightly")],
    chosen: "a:f",
    equals: ["a:f", "b:f"],
  },
  { id: "E9 empty mesh", asks: {}, mesh: [], chosen: undefined },
  {
    id: "E10 an unusable best leaves the second",
    asks: {},
    mesh: [
      provider("a", { version: "2.0.0", dependencies: [{ capability: "none", required: true }] }),
      versioned("b", "1.0.0"),
    ],
    chosen: "b:f",
  },
  {
    id: "S3 schema stage turns away",
    asks: {
      matchMode: "subset",
      expectedSchemaCanonical: { required: ["email"] },
    },
    mesh: [
      provider("a", { version: "2.0.0", outputSchemaHash: "h", outputSchemaCanonical: {} }),
      provider("b", {
        version: "1.0.0",
        outputSchemaHash: "h2",
        outputSchemaCanonical: { properties: { email: {} } },
      }),
    ],
    chosen: "b:f",
  },
];

for (const row of rows) {
  Deno.test(`matchDependency() ${row.id}`, () => {
    const asking = row.consumer ?? consumer;
    const pass = new Pass(directoryOf(...row.mesh));
    const dependency = dependencyOf(row.asks);
    const match = matchDependency(pass, asking, dependency);
    const equals = row.equals ?? (row.chosen === undefined ? [] : [row.chosen]);
    assert.equal(match.chosen && candidateId(match.chosen), row.chosen);
    assert.deepEqual(match.equals.map(candidateId), equals);
    assert.deepEqual(explainDependency(pass, asking, dependency).match, match);
  });
}

Deno.test("explainDependency() says what each stage did to each candidate", () => {
  const pass = new Pass(directoryOf(
    provider("dead", {}, { status: "unhealthy" }),
    provider("blocked", { dependencies: [{ capability: "none", required: true }] }),
    provider("untagged"),
    provider("barred", { tags: ["x", "bad"] }),
    provider("one-of", { tags: ["x"] }),
    provider("old", { tags: ["x", "a"], version: "1.0.0" }),
    provider("odd", { tags: ["x", "a"], version: "2.0.0", outputSchemaHash: "sha256:p" }),
    provider("good", { tags: ["x", "a"], version: "2.1.0", outputSchemaHash: "sha256:c" }),
    provider("fair", { tags: ["x", "a"], version: "2.0.0", outputSchemaHash: "sha256:c" }),
    provider("foreign", {}, elsewhere),
  ));
  const { stages } = explainDependency(
    pass,
    consumer,
    dependencyOf({
      tags: ["x", "-bad", ["a", "b"]],
      version: ">=2",
      matchMode: "strict",
      expectedSchemaHash: "sha256:c",
    }),
  );
  const living = [
    "untagged:f",
    "barred:f",
    "one-of:f",
    "old:f",
    "odd:f",
    "good:f",
    "fair:f",
  ];
  assert.deepEqual(stages, [
    {
      stage: "health",
      kept: living,
      evicted: [
        { id: "dead:f", reason: "Unhealthy", details: { status: "unhealthy" } },
        {
          id: "blocked:f",
          reason: "Unavailable",
          details: { reason: "required dep 'none' unresolved" },
        },
      ],
    },
    { stage: "capability_match", kept: living, evicted: [] },
    {
      stage: "tags",
      kept: ["old:f", "odd:f", "good:f", "fair:f"],
      evicted: [
        { id: "untagged:f", reason: "MissingTag", details: { missing: ["x"] } },
        { id: "barred:f", reason: "ExtraTagDisallowed", details: { disallowed: ["bad"] } },
        { id: "one-of:f", reason: "MissingTag", details: { missing_one_of: ["a", "b"] } },
      ],
    },
    {
      stage: "version",
      kept: ["odd:f", "good:f", "fair:f"],
      evicted: [{
        id: "old:f",
        reason: "VersionConstraintFailed",
        details: { version: "1.0.0", constraint: ">=2" },
      }],
    },
    {
      stage: "schema",
      kept: ["good:f", "fair:f"],
      evicted: [{
        id: "odd:f",
        reason: "SchemaIncompatible",
        details: {
          mode: "strict",
          consumer_hash: "sha256:c",
          producer_hash: "sha256:p",
          reasons: [{ kind: "hash_mismatch", path: "" }],
        },
      }],
    },
    {
      stage: "tiebreaker",
      kept: ["good:f"],
      evicted: [],
      chosen: "good:f",
      reason: "HighestScoreThenVersion",
    },
  ]);
});

Deno.test("explainDependency() lists every stage when nobody offers the capability", () => {
  const { match, stages } = explainDependency(
    new Pass(directoryOf()),
    consumer,
    dependencyOf({}),
  );
  assert.deepEqual(match, { chosen: undefined, equals: [] });
  assert.deepEqual(stages.map(({ stage }) => stage), [
    "health",
    "capability_match",
    "tags",
    "version",
    "schema",
    "tiebreaker",
  ]);
  assert.ok(stages.every(({ kept, evicted }) => kept.length === 0 && evicted.length === 0));
  assert.ok(stages.every((stage) => !("chosen" in stage)));
});
