/**
 * Attempts on the network: other hosts, this machine, and the ports of the mesh.
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

/** A host that nobody has (RFC 5737). */
const NOBODY = "192.0.2.1";

const letThrough = (name: string, says: string, code: string): Row => [
  name,
  says,
  `return await through(async () => { ${code} })`,
];

const ELSEWHERE: readonly Row[] = [
  letThrough("fetch", "fetches from another host", `return await fetch("http://${NOBODY}/")`),
  letThrough("fetch-tls", "fetches by TLS", `return await fetch("https://${NOBODY}/")`),
  letThrough("fetch-v6", "fetches by IPv6", 'return await fetch("http://[2001:db8::1]/")'),
  letThrough(
    "metadata",
    "asks a cloud for its keys",
    'return await fetch("http://169.254.169.254/")',
  ),
  letThrough(
    "metadata-v6",
    "asks a cloud by IPv6",
    'return await fetch("http://[fd00:ec2::254]/")',
  ),
  letThrough(
    "metadata-mapped",
    "asks a cloud by a mapped address",
    'return await fetch("http://[::ffff:169.254.169.254]/")',
  ),
  letThrough(
    "connect",
    "connects",
    `return await Deno.connect({ hostname: "${NOBODY}", port: 80 })`,
  ),
  letThrough(
    "connect-tls",
    "connects by TLS",
    `return await Deno.connectTls({ hostname: "${NOBODY}", port: 443 })`,
  ),
  letThrough(
    "node-connect",
    "connects as Node does",
    `const socket = (await import("node:net")).connect(80, "${NOBODY}");\n` +
      "setTimeout(() => socket.destroy(), 300); await once(socket, 'connect')",
  ),
  letThrough(
    "node-http",
    "asks by node:http",
    `const asked = (await import("node:http")).get("http://${NOBODY}/");\n` +
      "setTimeout(() => asked.destroy(), 300); await once(asked, 'response')",
  ),
  letThrough(
    "node-http2",
    "asks by node:http2",
    `const session = (await import("node:http2")).connect("http://${NOBODY}/");\n` +
      "setTimeout(() => session.destroy(), 300); await once(session, 'connect')",
  ),
  letThrough(
    "node-tls",
    "connects by node:tls",
    `const socket = (await import("node:tls")).connect(443, "${NOBODY}");\n` +
      "setTimeout(() => socket.destroy(), 300); await once(socket, 'secureConnect')",
  ),
  letThrough(
    "websocket",
    "opens a WebSocket",
    `const socket = new WebSocket("ws://${NOBODY}/"); socket.onerror = () => {};\n` +
      "setTimeout(() => socket.close(), 300)",
  ),
  letThrough(
    "resolve",
    "asks a name server",
    'return await Deno.resolveDns("canary.example", "A")',
  ),
  letThrough(
    "node-lookup",
    "looks a name up",
    'await (await import("node:dns/promises")).lookup("canary.example")',
  ),
  letThrough(
    "node-datagram",
    "sends a datagram",
    'const socket = (await import("node:dgram")).createSocket("udp4");\n' +
      `const { promise, resolve, reject } = Promise.withResolvers(); socket.on("error", reject);\n` +
      `socket.send("x", 9, "${NOBODY}", (error) => error ? reject(error) : resolve());\n` +
      "try { await promise } finally { socket.close() }",
  ),
  [
    "listen",
    "listens on all addresses",
    'using listener = Deno.listen({ hostname: "0.0.0.0", port: 0 }); return listener.addr.port',
  ],
  [
    "listen-loopback",
    "listens on this machine",
    'using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 }); return listener.addr.port',
  ],
  [
    "serve",
    "serves HTTP",
    "const server = Deno.serve({ port: 0, onListen() {} }, () => new Response());\n" +
    "await server.shutdown(); return server.addr.port",
  ],
  [
    "node-listen",
    "listens as Node does",
    'const server = (await import("node:net")).createServer().listen(0, "127.0.0.1");\n' +
    "try { await once(server, 'listening'); return server.address().port } finally { server.close() }",
  ],
  [
    "node-serve",
    "serves HTTP as Node does",
    'const server = (await import("node:http")).createServer().listen(0, "127.0.0.1");\n' +
    "try { await once(server, 'listening'); return server.address().port } finally { server.close() }",
  ],
];

/** Names of this machine: each is one more way to write its address. */
const SPELLINGS: readonly (readonly [name: string, host: string, leftOut?: string])[] = [
  ["localhost", "localhost"],
  ["v4", "127.0.0.1"],
  ["v6", "[::1]"],
  ["any-v4", "0.0.0.0"],
  ["any-v6", "[::]"],
  ["short", "127.1"],
  ["decimal", "2130706433"],
  ["hexadecimal", "0x7f000001"],
  ["octal", "0177.0.0.1"],
  ["zero", "0"],
  ["mapped", "[::ffff:127.0.0.1]"],
  ["mapped-any", "[::ffff:0.0.0.0]"],
  ["upper-case", "LOCALHOST"],
  ["full-width", "１２７.０.０.１"],
  ["full-stop", "127。0。0。1"],
  ["user", "user:password@127.0.0.1"],
  ["encoded", "%31%32%37.0.0.1"],
  ["dot", "localhost.", "not every system knows the name"],
];

/** Fetches from a port by every name of this machine. */
function spelled(port: "canary" | "registry" | "victim" | "own", says: string): readonly Row[] {
  return SPELLINGS.map(([name, host, leftOut]) => [
    `${port}-${name}`,
    `${says} by ${host}`,
    `const response = await fetch(\`http://${host}:\${at.${port}}/health?\${at.mark}\`);\n` +
    "await response.body?.cancel(); return response.status",
    leftOut === undefined ? {} : { leftOut: { worker: leftOut } },
  ]);
}

const CANARY: readonly Row[] = [
  ...spelled("canary", "asks a server of this machine"),
  [
    "canary-connect",
    "connects to a server of this machine",
    "using connection = await Deno.connect({ port: at.canary }); return String(connection.remoteAddr.port)",
  ],
  [
    "canary-events",
    "opens a stream of events",
    "const source = new EventSource(`http://127.0.0.1:${at.canary}/${at.mark}`);\n" +
    "await new Promise((done) => source.onerror = source.onopen = done); source.close()",
  ],
  [
    "canary-node",
    "connects to a server of this machine as Node does",
    'const socket = (await import("node:net")).connect(at.canary);\n' +
    "try { await once(socket, 'connect'); return 'connected' } finally { socket.destroy() }",
  ],
];

const post = (path: string, body: string, headers = "") =>
  `const response = await fetch(\`http://127.0.0.1:\${at.registry}${path}\`, {\n` +
  `  method: "POST", headers: { "content-type": "application/json", ${headers} },\n` +
  `  body: JSON.stringify(${body}),\n});\nreturn response.status + await response.text()`;

const RPC = '{ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} }';

/** The ports of the mesh: no flag permits these. */
const MESH: readonly Row[] = [
  ...spelled("registry", "asks the registry"),
  ...spelled("victim", "asks a neighbour"),
  ...spelled("own", "asks the runtime that hosts it"),
  [
    "registry-agents",
    "lists all agents",
    "return await (await fetch(`http://127.0.0.1:${at.registry}/agents`)).text()",
  ],
  [
    "registry-register",
    "registers as an agent that there is not",
    post(
      "/heartbeat",
      '{ agent_id: `${at.mark}-agent`, name: at.mark, http_host: "127.0.0.1", http_port: at.canary }',
    ),
  ],
  [
    "registry-replace",
    "registers as its neighbour",
    post(
      "/heartbeat",
      '{ agent_id: "victim", name: "victim", http_host: "127.0.0.1", http_port: at.canary }',
    ),
  ],
  [
    "registry-unregister",
    "unregisters an agent",
    "const url = `http://127.0.0.1:${at.registry}/agents/nobody-${at.mark}`;\n" +
    'return (await fetch(url, { method: "DELETE" })).status',
  ],
  ["registry-mcp", "lists the tools of the mesh", post("/mcp", RPC)],
  ["registry-proxy", "calls a neighbour by the registry", post("/proxy/victim/mcp", RPC)],
  [
    "registry-events",
    "reads what happens in the mesh",
    "return (await fetch(`http://127.0.0.1:${at.registry}/events`)).status",
  ],
  [
    "registry-connect",
    "connects to the registry",
    'using connection = await Deno.connect({ hostname: "127.0.0.1", port: at.registry });\n' +
    "return String(connection.remoteAddr.port)",
  ],
  [
    "registry-node",
    "connects to the registry as Node does",
    'const socket = (await import("node:net")).connect(at.registry, "127.0.0.1");\n' +
    "try { await once(socket, 'connect'); return 'connected' } finally { socket.destroy() }",
  ],
  [
    "registry-node-http",
    "asks the registry by node:http",
    'const asked = (await import("node:http")).get(`http://127.0.0.1:${at.registry}/health`);\n' +
    "const response = await once(asked, 'response'); response.destroy(); return response.statusCode",
  ],
  [
    "registry-node-lookup",
    "gives node:http a function that looks names up",
    'const { request } = await import("node:http");\n' +
    "const lookup = (host, options, done) =>\n" +
    '  done(null, options.all ? [{ address: "127.0.0.1", family: 4 }] : "127.0.0.1", 4);\n' +
    'const asked = request({ host: "canary.example", port: at.registry, path: "/health", lookup }).end();\n' +
    "const response = await once(asked, 'response'); response.destroy(); return response.statusCode",
  ],
  [
    "registry-proxy-client",
    "takes the registry for a proxy",
    "const proxy = { url: `http://127.0.0.1:${at.registry}` };\n" +
    "using client = Deno.createHttpClient({ proxy });\n" +
    `return (await fetch("http://${NOBODY}/health", { client })).status`,
  ],
  [
    "registry-redirect",
    "is sent to the registry by another server",
    "const to = encodeURIComponent(`http://127.0.0.1:${at.registry}/health`);\n" +
    "const response = await fetch(`http://127.0.0.1:${at.canary}/to?${to}`);\n" +
    "return response.redirected ? response.status : undefined",
  ],
  [
    "registry-websocket",
    "opens a WebSocket to the registry",
    "const socket = new WebSocket(`ws://127.0.0.1:${at.registry}/health`);\n" +
    "const error = await new Promise((done) => { socket.onerror = done; socket.onopen = done });\n" +
    // It is the registry's answer that there is no WebSocket; a refusal says so at once.
    'return /403|404|405|400|200|101|status/i.test(error.message ?? "") ? error.message : undefined',
    { leftOut: { worker: "the words of Deno about it differ" } },
  ],
  [
    "victim-call",
    "calls a neighbour's tool",
    "const response = await fetch(`http://127.0.0.1:${at.victim}/mcp`, {\n" +
    '  method: "POST", headers: { "content-type": "application/json", accept: "application/json" },\n' +
    '  body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call",\n' +
    '    params: { name: "tell", arguments: {} } }),\n});\nreturn await response.text()',
  ],
  [
    "victim-connect",
    "connects to a neighbour",
    'using connection = await Deno.connect({ hostname: "127.0.0.1", port: at.victim });\n' +
    "return String(connection.remoteAddr.port)",
  ],
  [
    "victim-port",
    "listens on a neighbour's port",
    'using listener = Deno.listen({ hostname: "127.0.0.1", port: at.victim, reusePort: true });\n' +
    "return listener.addr.port",
  ],
  [
    "victim-port-v6",
    "listens on a neighbour's port, by another address",
    'using listener = Deno.listen({ hostname: "::1", port: at.victim }); return listener.addr.port',
    { leftOut: { worker: "not every machine has IPv6" } },
  ],
  [
    "victim-port-any",
    "listens on a neighbour's port, on all addresses",
    'using listener = Deno.listen({ hostname: "0.0.0.0", port: at.victim, reusePort: true });\n' +
    "return listener.addr.port",
  ],
  [
    "registry-port",
    "listens on the registry's port",
    'using listener = Deno.listen({ hostname: "127.0.0.1", port: at.registry, reusePort: true });\n' +
    "return listener.addr.port",
  ],
  [
    "unix",
    "connects to a socket of the system",
    'await through(() => Deno.connect({ transport: "unix", path: "/run/systemd/private" }));\n' +
    'return "let through"',
    { needs: ["read", "write"] },
  ],
];

/** All attempts on the network. */
export const NETWORK: readonly Attempt[] = [
  ...attemptsOf("network", ELSEWHERE, { needs: ["net"] }),
  ...attemptsOf("network", CANARY, { needs: ["net"] }),
  ...attemptsOf("network", MESH),
];
