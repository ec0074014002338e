import assert from "node:assert/strict";
import { hostGuard } from "./host_guard.ts";

const rows: [names: string[], host: string, origin: string | null, refused: RegExp | undefined][] =
  [
    [[], "localhost:9101", null, undefined],
    [[], "127.0.0.1", null, undefined],
    [[], "[::1]:9101", null, undefined],
    [[], "10.1.2.3:9101", null, undefined],
    [[], "[fd00::7]:9101", null, undefined],
    [[], "LOCALHOST:9101", "http://LocalHost:3000", undefined],
    [[], "evil.example.com", null, /^Host "evil\.example\.com" is not allowed/],
    [[], "localhost.evil.example.com", null, /^Host/],
    [[], "127.0.0.1.evil.example.com", null, /^Host/],
    [[], "", null, /^Host ""/],
    [["flights"], "flights:8080", null, undefined],
    [["Flights.Trips.svc"], "flights.trips.svc:8080", null, undefined],
    [["flights"], "flights.evil.example.com", null, /^Host/],
    [[], "localhost", "http://evil.example.com", /^Origin "http:\/\/evil\.example\.com"/],
    [[], "localhost", "null", /^Origin "null"/],
    // A page that was served from an address is still a page of somebody else.
    [[], "localhost", "http://10.1.2.3", /^Origin/],
    [["desk.example.com"], "localhost", "https://desk.example.com", undefined],
    [[], "localhost", "http://[::1]:6274", undefined],
    [["fd00::7"], "localhost", "http://[fd00::7]:6274", undefined],
    [["[fd00::7]"], "localhost", "http://[fd00::7]", undefined],
    [["fd00::7"], "localhost", "http://[fd00::8]", /^Origin/],
    [["*"], "anything", "http://anywhere", undefined],
  ];
for (const [names, host, origin, refused] of rows) {
  Deno.test(`hostGuard([${names}]) and Host ${host}, Origin ${origin}`, () => {
    const guard = hostGuard(names);
    // Also when it has seen it before.
    for (let time = 0; time < 2; time++) {
      const found = guard(request(host, origin));
      if (refused === undefined) assert.equal(found, undefined);
      else assert.match(found ?? "let in", refused);
    }
  });
}

Deno.test("hostGuard() does not let an origin in because a host of that spelling was", () => {
  const guard = hostGuard([]);
  assert.equal(guard(request("10.1.2.3", null)), undefined);
  assert.match(guard(request("localhost", "10.1.2.3")) ?? "let in", /^Origin/);
});

Deno.test("hostGuard() goes by the URL of a request that never was on a wire", () => {
  const guard = hostGuard([]);
  assert.equal(guard(new Request("http://localhost:9101/mcp")), undefined);
  assert.match(guard(new Request("http://evil.test/mcp")) ?? "let in", /^Host "evil.test"/);
});

function request(host: string, origin: string | null): Request {
  const headers = new Headers({ host });
  if (origin !== null) headers.set("origin", origin);
  return new Request("http://elsewhere.test/", { headers });
}
