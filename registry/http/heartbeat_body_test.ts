import { equal, match } from "node:assert/strict";
import { parseHeartbeat } from "./heartbeat_body.ts";

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

Deno.test("parseHeartbeat() refuses bytes that are not UTF-8", () => {
  const parsed = parseHeartbeat(new Uint8Array([0x22, 0xff, 0x22]));
  match("fault" in parsed ? parsed.fault : "", /^Invalid JSON payload: /);
});

Deno.test("parseHeartbeat() names every field at fault", () => {
  const parsed = parseHeartbeat(encode({ agent_id: 1, tools: [{ capability: 2 }] }));
  match("fault" in parsed ? parsed.fault : "", /agent_id: .*; tools\[0\]\.capability: /);
});

for (const host of ["localhost", "10.0.0.1", "::1", "[::1]", "agent_1.svc.cluster.local", ""]) {
  Deno.test(`parseHeartbeat() accepts http_host ${JSON.stringify(host)}`, () => {
    equal("message" in parseHeartbeat(encode({ agent_id: "a", http_host: host })), true);
  });
}

for (const host of ["a b", "a/b", "a?b", "a#b", "u@a", "a\\b", "a\nb", "a:1:x"]) {
  Deno.test(`parseHeartbeat() refuses http_host ${JSON.stringify(host)}`, () => {
    const parsed = parseHeartbeat(encode({ agent_id: "a", http_host: host }));
    match("fault" in parsed ? parsed.fault : "", /http_host/);
  });
}
