import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contextFixture } from "../app/context_fixture.ts";
import { CliError } from "../base/exit.ts";
import { locateRegistry, registryAddress, type RegistryOptionValues } from "./registry_address.ts";

const none: RegistryOptionValues = {
  "registry-url": undefined,
  "registry-host": undefined,
  "registry-port": undefined,
};

interface Given {
  options?: Partial<RegistryOptionValues>;
  env?: Record<string, string>;
  cwd?: string;
}

function resolved({ options = {}, env = {}, cwd = "/nowhere" }: Given) {
  return registryAddress({ ...none, ...options }, contextFixture({ env, cwd }).context);
}

Deno.test("registryAddress() takes option, then host and port, then environment, then default", async () => {
  const env = { MCP_MESH_REGISTRY_URL: "http://env:2" };
  const rows: [Given, string][] = [
    [{}, "http://localhost:8000"],
    [{ env: { MCP_MESH_REGISTRY_PORT: "9000" } }, "http://localhost:9000"],
    [{ env: { MCP_MESH_REGISTRY_HOST: "mesh" } }, "http://mesh:8000"],
    [{ env: { MCP_MESH_REGISTRY_HOST: "::1" } }, "http://[::1]:8000"],
    [{ env }, "http://env:2"],
    [{ env, options: { "registry-port": 3 } }, "http://localhost:3"],
    [{ env, options: { "registry-host": "h" } }, "http://h:8000"],
    [{ options: { "registry-host": "FD00:0::7", "registry-port": 1 } }, "http://[fd00::7]:1"],
    [{ options: { "registry-host": "[::1]" } }, "http://[::1]:8000"],
    [{ options: { "registry-scheme": "https", "registry-host": "h" } }, "https://h:8000"],
    [
      { env: { MCP_MESH_REGISTRY_HOST: "h" }, options: { "registry-scheme": "https" } },
      "https://h:8000",
    ],
    [{ env, options: { "registry-scheme": "https" } }, "https://env:2"],
    [{ env, options: { "registry-url": "https://u/", "registry-port": 3 } }, "https://u"],
    [{ options: { "registry-url": "http://u:5/mesh/" } }, "http://u:5/mesh"],
  ];
  for (const [given, url] of rows) equal((await resolved(given)).url, url);
});

Deno.test("registryAddress() knows which hosts are this machine", async () => {
  for (const host of ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "127.1.2.3", "[::]"]) {
    equal((await resolved({ options: { "registry-url": `http://${host}:1` } })).local, true, host);
  }
  for (const url of ["http://example.com", "https://localhost:1", "http://127.evil.com"]) {
    equal((await resolved({ options: { "registry-url": url } })).local, false, url);
  }
});

Deno.test("registryAddress() refuses an address that is none, naming where it was written", async () => {
  const rows: [Given, RegExp, RegExp][] = [
    [{ options: { "registry-port": 70_000 } }, /^--registry-port is 70000, which is no/, /65535/],
    [{ options: { "registry-port": 1.5 } }, /^--registry-port is 1.5, which is no port/, /65535/],
    [{ options: { "registry-scheme": "ftp" } }, /--registry-scheme is "ftp"/, /http or https/],
    [
      { options: { "registry-url": "localhost:1" } },
      /^--registry-url is "localhost:1", which has no http/,
      /Did you mean http:\/\/localhost:1\?/,
    ],
    [
      { options: { "registry-url": "[::1]:1" } },
      /has no http/,
      /Did you mean http:\/\/\[::1\]:1\?/,
    ],
    [{ options: { "registry-host": "fe80::1%eth0" } }, /not an http or https URL/, /zone/],
    [{ options: { "registry-url": "http://::1:8000" } }, /not an http or https URL/, /brackets/],
    [{ options: { "registry-url": "my-host" } }, /has no http/, /http:\/\/my-host\?/],
    [{ options: { "registry-url": "ftp://x" } }, /not an http or https URL/, /like http/],
    [{ options: { "registry-url": "" } }, /not an http or https URL/, /like http/],
    [
      { options: { "registry-url": "http://u:p@x" } },
      /^--registry-url is "http:\/\/\*\*\*@x", which carries a user name or password$/,
      /like http/,
    ],
    [
      { options: { "registry-url": "ftp://u:p/@:w@x" } },
      /^--registry-url is "ftp:\/\/\*\*\*@x"/,
      /like/,
    ],
    [{ options: { "registry-url": "u:p@x:80" } }, /^--registry-url is "\*\*\*@x:80"/, /like/],
    [{ options: { "registry-url": "http://x?y=1" } }, /query or fragment/, /like http/],
    [{ env: { MCP_MESH_REGISTRY_URL: "nope nope" } }, /^MCP_MESH_REGISTRY_URL is/, /like http/],
  ];
  for (const [given, message, hint] of rows) {
    await rejects(resolved(given), (error: unknown) => {
      if (!(error instanceof CliError)) throw error;
      equal(error.code, 2);
      match(error.message, message);
      match(error.hint ?? "", hint);
      return true;
    });
  }
});

Deno.test("registryAddress() reads the nearest project file that names one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "address-"));
  try {
    const inner = join(folder, "a", "b");
    await mkdir(inner, { recursive: true });
    await writeFile(join(folder, "deno.json"), '{"mesh": {"registry": "http://project:1"}}');
    await writeFile(join(folder, "a", "deno.json"), '{"tasks": {}} // no "mesh" here');
    equal((await resolved({ cwd: inner })).url, "http://project:1");
    const env = { MCP_MESH_REGISTRY_URL: "http://env:2" };
    equal((await resolved({ cwd: inner, env })).url, "http://env:2");
    await writeFile(join(folder, "a", "deno.json"), '{"mesh": {"registry": 5}}');
    await rejects(resolved({ cwd: inner }), /"mesh.registry" in .*deno.json is not a text/);
    await writeFile(join(folder, "a", "deno.json"), '{"mesh": {} /* broken */');
    await rejects(resolved({ cwd: inner }), /is not JSON/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

Deno.test("locateRegistry() tells where the address was written", async () => {
  const rows: [Given, object][] = [
    [{}, { from: "default" }],
    [{ options: { "registry-url": "http://u" } }, { from: "flag", name: "--registry-url" }],
    [
      { options: { "registry-host": "h", "registry-port": 1 } },
      { from: "flag", name: "--registry-host and --registry-port" },
    ],
    [{ env: { MCP_MESH_REGISTRY_PORT: "9" } }, { from: "env", name: "MCP_MESH_REGISTRY_PORT" }],
  ];
  for (const [{ options = {}, env = {} }, origin] of rows) {
    const { context } = contextFixture({ env });
    deepEqual((await locateRegistry({ ...none, ...options }, context)).origin, origin);
  }
});
