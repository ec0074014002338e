import { equal } from "node:assert/strict";
import { hostGuard, isLoopback } from "./guard.ts";

const rows: [allowed: string[] | undefined, url: string, passes: boolean][] = [
  [undefined, "http://evil.test/", true],
  [[], "http://localhost:8000/agents", true],
  [[], "http://LOCALHOST:8000/agents", true],
  [[], "http://127.0.0.1/", true],
  [[], "http://[::1]:8000/", true],
  [[], "http://evil.test:8000/", false],
  [[], "http://localhost.evil.test/", false],
  [[], "http://127.0.0.1.evil.test/", false],
  [["mesh.test"], "http://mesh.test:1/", true],
  [["mesh.test"], "http://sub.mesh.test/", false],
];
for (const [allowed, url, passes] of rows) {
  Deno.test(`hostGuard([${allowed ?? "anything"}]) and ${url}`, () => {
    equal(hostGuard(allowed)(new Request(url)) === undefined, passes);
  });
}

const hosts: [host: string, loopback: boolean][] = [
  ["localhost", true],
  ["127.0.0.1", true],
  ["127.1.2.3", true],
  ["::1", true],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
];
for (const [host, loopback] of hosts) {
  Deno.test(`isLoopback(${host}) is ${loopback}`, () => equal(isLoopback(host), loopback));
}
