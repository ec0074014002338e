import assert from "node:assert/strict";
import type { Refusal } from "./plan.ts";
import { addRefusal, readRefusal } from "./refusals.ts";

Deno.test("readRefusal() reads what Deno says of each kind", () => {
  const rows: [string, string, string | null][] = [
    [
      'Requires read access to "/etc/passwd", run again with the --allow-read flag',
      "read",
      "/etc/passwd",
    ],
    [
      'Requires net access to "api.example.com:443", run again with …',
      "net",
      "api.example.com:443",
    ],
    ['Requires env access to "HOME", run again with the --allow-env flag', "env", "HOME"],
    ["Requires read access to <CWD>, run again with the --allow-read flag", "read", "CWD"],
    ["Requires env access, run again with the --allow-env flag", "env", null],
    ["something else", "unknown", null],
  ];
  for (const [message, permission, resource] of rows) {
    assert.deepEqual(readRefusal(message), { permission, resource }, message);
  }
});

Deno.test("addRefusal() counts, puts the latest first and keeps a bounded number", () => {
  const at = new Date(0);
  const read = { permission: "read", resource: "/a" };
  const net = { permission: "net", resource: "h:1" };
  let list: Refusal[] = [];
  for (const each of [read, net, read]) list = addRefusal(list, each, at);
  assert.deepEqual(list, [
    { ...read, count: 2, last_at: at.toISOString() },
    { ...net, count: 1, last_at: at.toISOString() },
  ]);
  let many: Refusal[] = list;
  for (let file = 0; file < 100; file++) {
    many = addRefusal(many, { permission: "read", resource: `/${file}` }, at);
  }
  assert.equal(many.length, 50);
  assert.equal(many[0]?.resource, "/99");
});
