import { deepEqual, equal } from "node:assert/strict";
import type { Permissions } from "../../runtime/sandbox/grant.ts";
import { isAllowed, missingFlags, permissionUses } from "./used_permissions.ts";

Deno.test("permissionUses() sees what the text plainly uses, and no comments", () => {
  const text = `#!/usr/bin/env -S deno run
// Deno.env.get("IN_A_COMMENT")
const url = "https://example.com//not-a-comment";
const key = Deno.env.get("MY_KEY") ?? process.env.OTHER;
/* fetch("https://no.example") */
const answer = await fetch("https://api.example.com/v1");
await fetch(url); client.fetch(url);
await Deno.readTextFile("a");
`;
  deepEqual(permissionUses(text).map(({ kind, item, line }) => [kind, item, line]), [
    ["env", "MY_KEY", 4],
    ["env", "OTHER", 4],
    ["net", "api.example.com", 6],
    ["net", undefined, 7],
    ["read", undefined, 8],
  ]);
  deepEqual(permissionUses("const x = 1;"), []);
  deepEqual(permissionUses("Deno.mkdir(dataFolder); Deno.stat(`${dataFolder}/x`);"), []);
});

Deno.test("isAllowed() goes by the flags, and by --ignore-env", () => {
  const use = { line: 1, code: "" };
  const rows: [Parameters<typeof isAllowed>[0], Permissions, boolean][] = [
    [{ ...use, kind: "env", item: "A_KEY" }, {}, false],
    [{ ...use, kind: "env", item: "A_KEY" }, { env: true }, true],
    [{ ...use, kind: "env", item: "A_KEY" }, { env: ["A_*"] }, true],
    [{ ...use, kind: "env", item: "A_KEY" }, { env: ["B"] }, false],
    [{ ...use, kind: "env", item: "A_KEY" }, { ignoreEnv: true }, true],
    [{ ...use, kind: "env", item: "A_KEY" }, { ignoreEnv: ["B"] }, false],
    [{ ...use, kind: "net", item: "a.example" }, { net: ["a.example:443"] }, true],
    [{ ...use, kind: "net", item: "a.example" }, { net: ["b.example"] }, false],
    [{ ...use, kind: "net" }, { net: ["b.example"] }, true],
    [{ ...use, kind: "read" }, { read: [] }, false],
  ];
  for (const [each, permissions, allowed] of rows) {
    equal(isAllowed(each, permissions), allowed, JSON.stringify([each, permissions]));
  }
});

Deno.test("missingFlags() joins what is of one kind, and all of it where that is not known", () => {
  const use = { line: 1, code: "" };
  deepEqual(
    missingFlags([
      { ...use, kind: "env", item: "A" },
      { ...use, kind: "env", item: "B" },
      { ...use, kind: "net", item: "a.example" },
      { ...use, kind: "net" },
    ]),
    ["--allow-env=A,B", "--allow-net"],
  );
});
