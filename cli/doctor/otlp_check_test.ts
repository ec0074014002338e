import { equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { otlpGrpcSink, otlpHttpSink } from "../../registry/trace/export/otlp_sink_fixture.ts";
import type { Finding } from "./finding.ts";
import { otlpFinding } from "./otlp_check.ts";

function find(name: string, value: string, more: Record<string, string> = {}): Promise<Finding> {
  const environment = { [name]: value, ...more };
  const options = { environment, endpoint: { name, value }, timeoutMs: 400 };
  return otlpFinding(options, { fetch, now: Date.now });
}

/** Somebody who takes connections and never says a word. */
async function silentListener() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // It listens on TCP, so its address is one of these.
  const { port } = server.address() as { port: number };
  return {
    address: `127.0.0.1:${port}`,
    connections: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

Deno.test("otlpFinding() says that a receiver takes spans, after an export without one", async () => {
  for (const [protocol, open] of [["grpc", otlpGrpcSink], ["http", otlpHttpSink]] as const) {
    await using sink = await open();
    const { level, text } = await find("TELEMETRY_ENDPOINT", sink.address, {
      TELEMETRY_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=me",
    });
    equal(level, "ok", text);
    match(text, /of TELEMETRY_ENDPOINT takes spans over (grpc|http\/protobuf)$/);
    equal(sink.received.headers[0]?.["x-tenant"], "me");
    equal(sink.received.spans.length, 0);
  }
});

Deno.test("otlpFinding() knows a receiver that speaks the other protocol, and says how to use it", async () => {
  await using http = otlpHttpSink();
  const mesh = await find("OTLP_ENDPOINT", http.address);
  equal(mesh.level, "failure");
  match(mesh.text, /does not take spans over grpc/);
  equal(mesh.fix, "export TELEMETRY_PROTOCOL=http/protobuf");
  equal((await find("OTLP_ENDPOINT", http.address, environmentOf(mesh.fix))).level, "ok");
  await using grpc = await otlpGrpcSink();
  const name = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const otel = await find(name, `http://${grpc.address}`);
  equal(otel.fix, "export OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc");
  equal((await find(name, `http://${grpc.address}`, environmentOf(otel.fix))).level, "ok");
});

/** The variable that an `export` sets. */
function environmentOf(fix = ""): Record<string, string> {
  const [, name = "", value = ""] = /^export (\w+)=(\S+)$/.exec(fix) ?? [];
  return { [name]: value };
}

Deno.test("otlpFinding() does not take a TCP listener for a receiver, and soon says so", async () => {
  await using listener = await silentListener();
  for (const protocol of ["grpc", "http"]) {
    const began = Date.now();
    const { level, text, fix } = await find("OTLP_ENDPOINT", listener.address, {
      TELEMETRY_PROTOCOL: protocol,
    });
    equal(level, "failure");
    match(text, /does not take spans over .*: no answer within 0\.4 s$/);
    equal(fix, "unset OTLP_ENDPOINT");
    ok(Date.now() - began < 5_000, "time is bounded");
  }
  ok(listener.connections() > 0);
});

Deno.test("otlpFinding() repeats what a receiver or the network says, without secrets", async () => {
  await using sink = otlpHttpSink();
  sink.received.answers.push(() => new Response("no", { status: 401 }));
  const url = `http://user:secret@${sink.address}/v1/traces?token=secret`;
  const refused = await find("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", url);
  equal(refused.level, "failure");
  match(refused.text, /of OTEL_EXPORTER_OTLP_TRACES_ENDPOINT does not .*it answered 401/);
  equal(JSON.stringify(refused).includes("secret"), false, JSON.stringify(refused));
  const nobody = await find("OTLP_ENDPOINT", "127.0.0.1:1");
  match(nobody.text, /ECONNREFUSED|refused/);
  equal(nobody.fix, "unset OTLP_ENDPOINT");
});

Deno.test("otlpFinding() asks nobody where spans go nowhere, and tells of settings that are wrong", async () => {
  const rows: [Record<string, string>, RegExp][] = [
    [{ TRACE_EXPORTER_TYPE: "none" }, /TRACE_EXPORTER_TYPE is none, so .* OTLP_ENDPOINT$/],
    [{ MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "false" }, /_ENABLED is off, so/],
  ];
  for (const [more, text] of rows) {
    const finding = await find("OTLP_ENDPOINT", "127.0.0.1:1", more);
    equal(finding.level, "skipped");
    match(finding.text, text);
  }
  const none = { environment: {}, endpoint: undefined, timeoutMs: 400 };
  equal((await otlpFinding(none, { fetch, now: Date.now })).level, "skipped");
  const wrong = await find("OTLP_ENDPOINT", "nonsense");
  equal(wrong.level, "failure");
  match(wrong.text, /^OTLP_ENDPOINT=.*cannot be used: expected host:port/);
  equal(wrong.fix, "unset OTLP_ENDPOINT");
});
