import assert from "node:assert/strict";
import { bareHost, plainHost, urlHost } from "./host_text.ts";

const hosts: [host: string, bare: string, inUrl: string, plain: string | undefined][] = [
  ["::1", "::1", "[::1]", "::1"],
  ["[::1]", "::1", "[::1]", "::1"],
  ["FD00:0:0::7", "FD00:0:0::7", "[FD00:0:0::7]", "fd00::7"],
  ["::ffff:10.0.0.7", "::ffff:10.0.0.7", "[::ffff:10.0.0.7]", "::ffff:a00:7"],
  ["10.0.0.7", "10.0.0.7", "10.0.0.7", "10.0.0.7"],
  ["Agent.svc", "Agent.svc", "Agent.svc", "agent.svc"],
  ["fe80::1%eth0", "fe80::1%eth0", "[fe80::1%eth0]", undefined],
  ["[fe80::1%25eth0]", "fe80::1%25eth0", "[fe80::1%25eth0]", undefined],
  ["10.0.0.7:80", "10.0.0.7:80", "[10.0.0.7:80]", undefined],
  ["[::1]:80", "[::1]:80", "[[::1]:80]", undefined],
  ["http://a", "http://a", "[http://a]", undefined],
  ["a b", "a b", "a b", undefined],
  ["", "", "", undefined],
];
for (const [host, bare, inUrl, plain] of hosts) {
  Deno.test(`the host "${host}" is ${inUrl} in a URL and ${plain} in its plain form`, () => {
    assert.deepEqual([bareHost(host), urlHost(host), plainHost(host)], [bare, inUrl, plain]);
  });
}
