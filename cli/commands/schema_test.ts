import { deepEqual, equal, match } from "node:assert/strict";
import type { StoredSchema } from "../../runtime/protocol/stored_schema.ts";
import { contextFixture, type ContextFixtureOptions, NOW } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
import { fakeRegistry } from "../mesh/mesh_fixture.ts";

function stored(digits: string, properties: Record<string, unknown>): StoredSchema {
  return {
    hash: `sha256:${digits.padEnd(64, "0")}`,
    canonical: { properties, type: "object" },
    runtime_origin: "deno",
    created_at: new Date(NOW - 60_000).toISOString(),
  };
}

const string = { type: "string" };
const schemas = [
  stored("aa1", { city: string, day: string }),
  stored("aa2", { city: string, night: { type: "integer" } }),
  stored("bb", Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`field${at}`, string]))),
];

/** A registry that stores schemas; `null` is the reference's empty list. */
function storing(all: StoredSchema[] | null = schemas) {
  return fakeRegistry([], ({ url }) => {
    const { pathname, searchParams } = new URL(url);
    if (pathname === "/schemas") {
      const list = all?.slice(0, Number(searchParams.get("limit"))) ?? null;
      return Response.json({ schemas: list, count: list?.length ?? 0 });
    }
    const found = all?.find(({ hash }) => pathname === `/schemas/${hash}`);
    return found === undefined
      ? Response.json({ error: "schema not found" }, { status: 404 })
      : Response.json(found);
  });
}

async function run(args: string[], options: ContextFixtureOptions = storing()) {
  const fixture = contextFixture(options);
  const code = await dispatch(args, fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
}

const diff = (...args: string[]) => run(["schema", "diff", ...args]);

Deno.test("schema diff takes hashes or their first digits", async () => {
  const full = schemas.map(({ hash }) => hash);
  for (const [a = "", b = ""] of [["aa1", "sha256:AA2"], full, [full[0], "aa2"]]) {
    const { code, stdout } = await diff(a, b);
    equal(code, 0);
    deepEqual(stdout.split("\n"), [
      "--- sha256:aa1000000000 (deno, 2026-06-01T11:59:00.000Z)",
      "+++ sha256:aa2000000000 (deno, 2026-06-01T11:59:00.000Z)",
      "- day: string",
      "+ night: integer",
      "",
    ]);
  }
  match((await diff("bb", "bb")).stdout, /\nThe schemas are equal\n$/);
});

Deno.test("schema diff and list show what agents declare where the stored form says less", async () => {
  const lost = (digits: string, ...types: string[]): StoredSchema => ({
    ...stored(digits, { id: string }),
    declared: types.map((type) => ({
      type: "object",
      properties: { id: string, title: { type } },
    })),
  });
  const mesh = storing([lost("aa", "string"), lost("bb", "integer", "string")]);
  const { stdout } = await run(["schema", "diff", "aa", "bb"], mesh);
  deepEqual(stdout.split("\n").slice(2), [
    "~ title: string → integer",
    "sha256:bb0000000000 stands for 2 different schemas, of which the first is compared; " +
    "see them with `list --schemas --json`",
    "",
  ]);
  match((await run(["list", "--schemas"], mesh)).stdout, /"id":\{"type":"string"\},"titl/);
});

Deno.test("schema diff --json tells truly whether the hashes are equal", async () => {
  const document = JSON.parse((await diff("aa1", "aa2", "--json")).stdout);
  deepEqual(document.a, schemas[0]);
  deepEqual(document.diff, {
    only_in_a: [{ path: "day", name: "day", type: "string" }],
    only_in_b: [{ path: "night", name: "night", type: "integer" }],
    type_changed: [],
    changed: [],
    required_a: [],
    required_b: [],
    hash_equal: false,
  });
  equal(JSON.parse((await diff("bb", "bb", "--json")).stdout).diff.hash_equal, true);
});

Deno.test("schema diff exits by what went wrong", async () => {
  const missing = "c".repeat(64);
  const rows: [string[], number, RegExp][] = [
    [["aa1"], 2, /schema diff needs <hash> <hash>/],
    [["aa", "bb"], 2, /"aa" fits several schemas:\n {2}sha256:aa10+\n {2}sha256:aa20+\nGive more/],
    [["cc", "bb"], 3, /schema not found: cc\nList what there is/],
    [[missing, "bb"], 3, /schema not found: ccc/],
    [["weather", "bb"], 2, /"weather" is no hash of a schema/],
  ];
  for (const [args, code, message] of rows) {
    const result = await diff(...args);
    equal(result.code, code, args.join(" "));
    match(result.stderr, message);
  }
  equal((await run(["schema", "diff", "aa1", "aa2"], {})).code, 4);
  equal((await run(["schema", "dif"])).code, 2);
});

Deno.test("list --schemas shows hash, origin, age and the beginning", async () => {
  const { code, stdout } = await run(["list", "--schemas"]);
  equal(code, 0);
  const lines = stdout.split("\n");
  match(lines[0] ?? "", /^HASH +ORIGIN +CREATED +CANONICAL_PREVIEW$/);
  equal(lines[2], `sha256:aa1000000000  deno    1m       ${preview(schemas[0])}`);
  equal(lines[4], `sha256:bb0000000000  deno    1m       ${preview(schemas[2])}`);
  equal(lines.at(-2), "3 schema(s) found");
  match((await run(["list", "--schemas"], storing(null))).stdout, /^No schemas found\n/);
});

function preview(schema: StoredSchema | undefined): string {
  const text = JSON.stringify(schema?.canonical);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

Deno.test("list --schemas --json is the registry's own answer, and --limit is passed on", async () => {
  const document = JSON.parse((await run(["list", "--schemas", "--json", "--limit", "2"])).stdout);
  deepEqual(document, { schema_version: 1, schemas: schemas.slice(0, 2), count: 2 });
  for (const limit of ["0", "1001", "1.5"]) {
    equal((await run(["list", "--schemas", "--limit", limit])).code, 2);
  }
});

Deno.test("list shows one thing at a time", async () => {
  const { code, stderr } = await run(["list", "--schemas", "--services"]);
  equal(code, 2);
  match(stderr, /--services and --schemas exclude each other/);
});
