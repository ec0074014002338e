import { equal, match } from "node:assert/strict";
import { fixture, type TestMesh, withMesh } from "./meshctl.ts";

async function call(mesh: TestMesh, tool: string, args: unknown) {
  const { code, stdout } = await mesh.run("call", tool, JSON.stringify(args));
  return { code, text: String(JSON.parse(stdout).content[0].text) };
}

for (const form of [[], ["--pack"]]) {
  Deno.test(`start ${form.join("")} gives each agent's code exactly its own permissions`, async () => {
    await withMesh(async (mesh) => {
      const agents = [fixture("reader"), fixture("wide_reader")];
      const started = await mesh.run("start", "-d", ...form, ...agents);
      equal(started.code, 0, started.stderr);
      const path = fixture("clock");

      const read = await call(mesh, "read_file", { path });
      equal(read.code, 5);
      match(read.text, /--allow-read/);
      const fetched = await call(mesh, "fetch_status", { url: `${mesh.registryUrl}/health` });
      equal(fetched.code, 5);
      match(fetched.text, /--allow-net/);

      const size = await call(mesh, "read_size", { path });
      equal(size.code, 0);
      equal(Number(size.text) > 0, true);
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {} },
        () => new Response("here"),
      );
      const any = await call(mesh, "fetch_any", { url: `http://127.0.0.1:${server.addr.port}/` });
      equal(any.text, "200");
      equal((await call(mesh, "read_file", { path })).code, 5);
    });
  });
}

Deno.test("start tells that a module without a first line has no permissions", async () => {
  await withMesh(async (mesh) => {
    const file = `${mesh.home}/bare.ts`;
    await Deno.writeTextFile(
      file,
      (await Deno.readTextFile(fixture("reader"))).replace(/^#!.*\n/, ""),
    );
    const started = await mesh.run("start", "-d", file);
    equal(started.code, 0, started.stderr);
    match(started.stderr, /reader declares no permissions in its first line, so its code has none/);
    const fetched = await call(mesh, "fetch_status", { url: "http://127.0.0.1:65535/" });
    equal(fetched.code, 5);
    match(fetched.text, /--allow-net/);
  });
});
