import assert from "node:assert/strict";
import { pageAccess } from "./page_access.ts";

const MCP = "http://localhost:9101/mcp";

function asking(origin: string | undefined, headers: Record<string, string> = {}) {
  const all = new Headers(headers);
  if (origin !== undefined) all.set("origin", origin);
  const method = all.has("access-control-request-method") ? "OPTIONS" : "POST";
  return new Request(MCP, { method, headers: all });
}

const origins: [names: string[], origin: string | undefined, isReadable: boolean][] = [
  [[], "http://localhost:6274", true],
  [[], "http://127.0.0.1:6274", true],
  [[], "http://[::1]:6274", true],
  [[], undefined, false],
  [[], "null", false],
  [[], "https://evil.test", false],
  [[], "http://localhost.evil.test", false],
  [["desk.example.com"], "https://desk.example.com", true],
  [["*"], "https://evil.test", false],
  [["*"], "http://localhost:6274", true],
];
for (const [names, origin, isReadable] of origins) {
  Deno.test(`pageAccess([${names}]) of a page of ${origin}: ${isReadable ? "" : "not "}readable`, async () => {
    const access = pageAccess(names, ["POST", "GET"]);
    const answer = () =>
      Promise.resolve(
        new Response("said", {
          status: 404,
          headers: { vary: "accept", "mcp-session-id": "s" },
        }),
      );
    const response = await access(asking(origin), answer);
    assert.deepEqual([response.status, await response.text()], [404, "said"]);
    assert.equal(response.headers.get("mcp-session-id"), "s");
    assert.equal(
      response.headers.get("access-control-allow-origin"),
      isReadable ? origin : null,
    );
    assert.equal(response.headers.get("vary"), isReadable ? "accept, Origin" : "accept");
    const preflight = await access(
      asking(origin, {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,mcp-protocol-version,x-own",
        "access-control-request-private-network": "true",
      }),
      () => Promise.resolve(new Response(null, { status: 405 })),
    );
    await preflight.body?.cancel();
    const { headers } = preflight;
    assert.equal(preflight.status, isReadable && origin !== undefined ? 204 : 405);
    if (!isReadable) return;
    assert.equal(headers.get("access-control-allow-origin"), origin);
    assert.equal(headers.get("access-control-allow-methods"), "POST, GET");
    assert.match(headers.get("access-control-allow-headers") ?? "", /x-own/);
    assert.equal(headers.get("access-control-allow-private-network"), "true");
  });
}
