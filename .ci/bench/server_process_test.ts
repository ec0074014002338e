import assert from "node:assert/strict";
import { startServer } from "./server_process.ts";
import { processTest } from "../fixtures/process_tests.ts";

const SERVER = `
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} },
  () => new Response(Deno.env.get("WHO")));`;

processTest("startServer() answers until it is disposed of", async () => {
  let url: string;
  {
    await using server = await startServer((port) => ["eval", SERVER, String(port)], { WHO: "me" });
    url = `http://127.0.0.1:${server.port}/`;
    assert.equal(await (await fetch(url)).text(), "me");
    // Linux tells; elsewhere both are undefined.
    const [seconds = 0, bytes = 1] = [await server.cpuSeconds(), await server.memoryBytes()];
    assert.ok(seconds >= 0 && bytes > 0);
  }
  await assert.rejects(fetch(url), TypeError);
});

processTest("startServer() gives up on a server that ends", async () => {
  await assert.rejects(startServer(() => ["eval", "Deno.exit(3)"]), /exit code 3/);
});
