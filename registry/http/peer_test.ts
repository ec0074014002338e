import { equal } from "node:assert/strict";
import { isLocal } from "./peer.ts";

const rows: [remote: string | undefined, headers: Record<string, string>, local: boolean][] = [
  ["127.0.0.1", {}, true],
  ["127.8.9.10", {}, true],
  ["::1", {}, true],
  ["::ffff:127.0.0.1", {}, true],
  ["127.0.0.1", { origin: "http://localhost:3000" }, true],
  ["::1", { origin: "http://[::1]:8000" }, true],
  [undefined, {}, false],
  ["10.0.0.7", {}, false],
  ["::ffff:10.0.0.7", {}, false],
  ["127.0.0.1.example.com", {}, false],
  ["127.0.0.1", { "x-forwarded-for": "127.0.0.1" }, false],
  ["127.0.0.1", { forwarded: "for=127.0.0.1" }, false],
  ["127.0.0.1", { via: "1.1 proxy" }, false],
  ["127.0.0.1", { origin: "https://evil.test" }, false],
  ["127.0.0.1", { origin: "null" }, false],
];
for (const [remote, headers, local] of rows) {
  Deno.test(`isLocal() of ${remote} with ${JSON.stringify(headers)} is ${local}`, () => {
    const peer = remote === undefined ? {} : { remote };
    equal(isLocal(new Request("http://r.test/admin/drain", { headers }), peer), local);
  });
}
