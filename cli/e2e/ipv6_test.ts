/** A mesh that has only IPv6, as users and other programs meet it. */
import { deepEqual, equal, match } from "node:assert/strict";
import { fixture, withMesh } from "./meshctl.ts";

const hasIpv6 = Deno.networkInterfaces().some(({ address }) => address === "::1");

Deno.test({
  name: "a mesh on ::1: started, listed, called through the registry, /mcp and the proxy",
  ignore: !hasIpv6,
  fn: async () => {
    await withMesh(async (mesh) => {
      const started = await mesh.run("start", "-d", fixture("greeter"));
      equal(started.code, 0, started.stderr);
      const registry = `http://[::1]:${mesh.port}`;
      const { agents: [agent] } = await (await fetch(`${registry}/agents`)).json();
      match(agent.endpoint, /^http:\/\/\[::1\]:\d+$/);
      match((await mesh.run("list")).stdout, /\[::1\]:\d+/);
      const called = await mesh.run("call", "greet", '{"name":"Ada"}');
      match(called.stdout + called.stderr, /Ada/);
      const direct = await mesh.run("call", "greet", '{"name":"Ada"}', "--use-proxy=false");
      match(direct.stdout + direct.stderr, /Ada/);
      const { host } = new URL(agent.endpoint);
      const urls = [`${registry}/mcp`, `${registry}/proxy/${host}/mcp`, `${agent.endpoint}/mcp`];
      for (const url of urls) {
        const response = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json", accept: "application/json" },
          body: JSON.stringify({
            jsonrpc: "2.0",
            id: 1,
            method: "tools/call",
            params: { name: "greet", arguments: { name: "Ada" } },
          }),
        });
        deepEqual([url, response.status], [url, 200]);
        match(await response.text(), /Ada/);
      }
      // There is nothing on IPv4.
      await fetch(agent.endpoint.replace("[::1]", "127.0.0.1")).then(
        () => equal("answered", "refused"),
        () => {},
      );
    }, { MCP_MESH_REGISTRY_HOST: "::1" });
  },
});
