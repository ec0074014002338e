import { deepEqual, equal, match } from "node:assert/strict";
import { contextFixture } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
import { agentInfo, fakeRegistry } from "../mesh/mesh_fixture.ts";

const agents = [
  agentInfo({ name: "busy", endpoint: "http://127.0.0.1:9101" }),
  agentInfo({ name: "old", endpoint: "http://127.0.0.1:9102" }),
];

/** A mesh in which `busy` answers ten calls between two measurements, one of them badly. */
function mesh() {
  let asked = 0;
  return fakeRegistry(agents, ({ url }) => {
    if (url !== "http://127.0.0.1:9101/metrics") {
      return new Response("no such path", { status: 404 });
    }
    const calls = 10 * asked++;
    const name = "mcp_server_operation_duration_seconds";
    return new Response([
      `${name}_bucket{error_type="",le="0.01"} ${calls}`,
      `${name}_bucket{error_type="",le="+Inf"} ${calls}`,
      `${name}_count{error_type=""} ${calls * 0.9}`,
      `${name}_count{error_type="timeout"} ${calls * 0.1}`,
      "mesh_server_active_operations 4",
    ].join("\n"));
  });
}

Deno.test("top --once measures for one interval and says who could not be measured", async () => {
  const fixture = contextFixture(mesh());
  equal(await dispatch(["top", "--once", "--interval", "5"], fixture.context), 0);
  const [head = "", , busy = "", old = ""] = fixture.stdout().split("\n");
  match(head, /^AGENT +STATUS +CALLS\/S +ERRORS\/S +P50 +P90 +P99 +IN FLIGHT +CALLS +ERRORS$/);
  match(busy, /^busy-00000001 +healthy +2\.0 +0\.2 +5\.0 ms +9\.0 ms +9\.9 ms +4 +10 +1$/);
  match(old, /^old-00000001 +healthy( +-){8} +tells no metrics$/);
});

Deno.test("top --json prints a document, and without --once one a line until interrupted", async () => {
  const once = contextFixture(mesh());
  await dispatch(["top", "--once", "--json", "--interval", "5"], once.context);
  const { schema_version, interval_s, agents: [busy, old] } = JSON.parse(once.stdout());
  deepEqual([schema_version, interval_s, busy.rate_per_s, busy.p50_ms], [1, 5, 2, 5]);
  deepEqual([old.rate_per_s, old.trouble], [null, "tells no metrics"]);

  const endless = contextFixture(mesh());
  const { write } = endless.context.stdout;
  let lines = 0;
  endless.context.stdout.write = (text) => {
    write(text);
    if (++lines === 3) endless.interrupt();
  };
  equal(await dispatch(["top", "--json"], endless.context), 0);
  deepEqual(
    endless.stdout().trimEnd().split("\n").map((line) => JSON.parse(line).agents[0].calls),
    [10, 20, 30],
  );
});

Deno.test("top exits by what went wrong", async () => {
  equal(await dispatch(["top"], contextFixture().context), 4);
  equal(await dispatch(["top", "--interval", "0.01"], contextFixture(mesh()).context), 2);
});

Deno.test("top waits for a registry that goes away in the middle, --once does not", async () => {
  const answering = mesh().fetch;
  let asked = 0;
  const flaky = (): { fetch: typeof fetch } => ({
    fetch: (input, init) => {
      const isListing =
        new URL(input instanceof Request ? input.url : input).pathname === "/agents";
      if (isListing && [2, 3].includes(++asked)) return Promise.reject(new TypeError("refused"));
      return answering(input, init);
    },
  });
  const endless = contextFixture(flaky());
  const { lines } = endless.context.stdout;
  endless.context.stdout.lines = (text) => {
    lines(text);
    endless.interrupt();
  };
  equal(await dispatch(["top"], endless.context), 0);
  match(endless.stdout(), /^AGENT/);
  match(
    endless.stderr(),
    /^The registry at \S+ went away; waiting for it\.\nThe registry at \S+ is back\.\n$/,
  );

  asked = 0;
  equal(await dispatch(["top", "--once"], contextFixture(flaky()).context), 4);
});
