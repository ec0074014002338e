import assert from "node:assert/strict";
import { readVariables } from "../base/environment.ts";
import { agentConfig, readEnvironment } from "./config.ts";
import { blankManifest } from "../define/manifest.ts";

Deno.test("variables are read without the line end that Docker and Kubernetes leave", () => {
  const given = {
    MCP_MESH_REGISTRY_URL: "http://registry:8000\r",
    MCP_MESH_HTTP_PORT: "9101\r",
    OPENAI_API_KEY: "sk-1\n",
  };
  const before = Object.keys(given).map((name) => [name, Deno.env.get(name)] as const);
  try {
    for (const [name, value] of Object.entries(given)) Deno.env.set(name, value);
    const { registryUrl, port } = agentConfig(readEnvironment(), blankManifest("a"));
    assert.deepEqual([registryUrl, port], ["http://registry:8000", 9101]);
    assert.deepEqual(readVariables(["OPENAI_API_KEY"]), { OPENAI_API_KEY: "sk-1" });
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
});
