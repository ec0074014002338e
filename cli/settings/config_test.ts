import { deepEqual, equal, throws } from "node:assert/strict";
import { readConfig, readLogLevel } from "./config.ts";

Deno.test("readConfig() finds the home folder", () => {
  equal(readConfig({ HOME: "/u" }, "/c").home, "/u/.mcp-mesh");
  equal(readConfig({ HOME: "/u", MCP_MESH_HOME: ".mesh" }, "/c").home, "/c/.mesh");
  equal(readConfig({ HOME: "/u", MCP_MESH_HOME: "/m" }, "/c").home, "/m");
  throws(() => readConfig({}, "/c"), { code: 2, message: /HOME is not set/ });
});

Deno.test("readConfig() takes an empty variable for none and refuses a bad one by name", () => {
  equal(readConfig({ HOME: "/u", MCP_MESH_REGISTRY_PORT: "" }, "/c").registryPort, undefined);
  equal(readConfig({ HOME: "/u", MCP_MESH_STARTUP_TIMEOUT: "2.5" }, "/c").startupTimeout, 2.5);
  // Ctrl+C is over within two seconds, the kill and the goodbye included.
  equal(readConfig({ HOME: "/u", MCP_MESH_SHUTDOWN_TIMEOUT: "" }, "/c").shutdownTimeout, undefined);
  for (
    const [name, value] of [
      ["MCP_MESH_REGISTRY_PORT", "70000"],
      ["MCP_MESH_STARTUP_TIMEOUT", "soon"],
      ["MCP_MESH_SHUTDOWN_TIMEOUT", "-1"],
    ] as const
  ) {
    throws(() => readConfig({ HOME: "/u", [name]: value }, "/c"), {
      code: 2,
      message: new RegExp(`^${name} is "${value}"`),
    });
  }
});

Deno.test("readLogLevel() takes any case and the names other tools use", () => {
  equal(readLogLevel("debug", "x"), "DEBUG");
  equal(readLogLevel("Warning", "x"), "WARN");
  throws(() => readLogLevel("loud", "--log-level"), { code: 2, message: /--log-level is "loud"/ });
});

Deno.test("readConfig() takes the operators' secret without the line end of a file", () => {
  equal(readConfig({ HOME: "/u", MCP_MESH_ADMIN_TOKEN: " s3cret\n" }, "/c").adminToken, "s3cret");
  throws(() => readConfig({ HOME: "/u", MCP_MESH_ADMIN_TOKEN: "a\nb" }, "/c"), {
    code: 2,
    message: /^MCP_MESH_ADMIN_TOKEN has characters/,
  });
});

Deno.test("readConfig() takes values without the line end of an env file", () => {
  const environment = {
    HOME: "/u",
    MCP_MESH_REGISTRY_URL: "http://mesh:8000\r",
    MCP_MESH_REGISTRY_PORT: "9000\r",
    MCP_MESH_LOG_LEVEL: "\r",
  };
  const { registryUrl, registryPort, logLevel } = readConfig(environment, "/c");
  deepEqual([registryUrl, registryPort, logLevel], ["http://mesh:8000", 9000, undefined]);
});
