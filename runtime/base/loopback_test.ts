import assert from "node:assert/strict";
import { isLoopback } from "./loopback.ts";

const hosts: [host: string, loopback: boolean][] = [
  ["localhost", true],
  ["LocalHost", true],
  ["127.0.0.1", true],
  ["127.1.2.3", true],
  ["::1", true],
  ["[::1]", true],
  ["::ffff:127.0.0.1", true],
  ["[::ffff:7f00:1]", true],
  ["0:0:0:0:0:0:0:1", true],
  ["localhost.", true],
  ["fe80::1%lo", false],
  ["::1:80", false],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["::ffff:10.0.0.1", false],
  ["127.0.0.1.example.com", false],
  ["127.example.com", false],
];
for (const [host, loopback] of hosts) {
  Deno.test(`isLoopback(${host}) is ${loopback}`, () => assert.equal(isLoopback(host), loopback));
}
