/** Packages of JSR: those that are written out are there, others are not asked for. */
import { deepEqual, equal, match } from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withMesh } from "./meshctl.ts";

/** Modules of the packages of a registry, by their paths in it. */
const MODULES: Readonly<Record<string, string>> = {
  "/@mesh/one/1.0.0/mod.ts": 'export const one: string = "one";\n',
  "/@mesh/two/1.0.0/mod.ts": 'export { two } from "./two.ts";\n',
  "/@mesh/two/1.0.0/two.ts": 'export const two: string = "two";\n',
};

/** A registry that speaks as JSR does (https://jsr.io/docs/api). */
function serveJsr(asked: string[]): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, ({ url }) => {
    const { pathname } = new URL(url);
    asked.push(pathname);
    const [, name, kind] = /^\/(@mesh\/(?:one|two))\/(meta|1\.0\.0_meta)\.json$/.exec(pathname) ??
      [];
    if (name !== undefined && kind === "meta") {
      return Response.json({ latest: "1.0.0", versions: { "1.0.0": {} } });
    }
    if (name !== undefined) {
      const folder = `/${name}/1.0.0`;
      const own = Object.entries(MODULES).filter(([path]) => path.startsWith(`${folder}/`));
      const manifest = Object.fromEntries(own.map(([path, text]) => {
        const checksum = `sha256-${createHash("sha256").update(text).digest("hex")}`;
        return [path.slice(folder.length), { size: text.length, checksum }];
      }));
      return Response.json({ manifest, exports: { ".": "./mod.ts" } });
    }
    const text = MODULES[pathname];
    const headers = { "content-type": "text/typescript" };
    return text === undefined
      ? new Response("not found", { status: 404 })
      : new Response(text, { headers });
  });
}

const agentText = (name: string) =>
  `#!/usr/bin/env -S deno run
import { agent, tool } from "mesh";
import { z } from "zod";
import { ${name} } from "jsr:@mesh/${name}@1";
const load = (names: string[]) => import(names.join(""));
export default agent({
  name: "${name}",
  tools: {
    say_${name}: tool({ input: z.object({}) }, async () => [
      ${name},
      (await load(["jsr:", "@mesh/${name}@1"])).${name},
    ]),
    other_${name}: tool({ input: z.object({}) }, async () => await load(["jsr:", "@mesh/three"])),
  },
});
`;

Deno.test("agents have the packages of JSR that they write out, and ask for no others", async () => {
  const asked: string[] = [];
  await using server = serveJsr(asked);
  await withMesh(async (mesh) => {
    const folder = join(mesh.home, "project");
    await mkdir(folder);
    for (const name of ["one", "two"]) await writeFile(join(folder, `${name}.ts`), agentText(name));
    const files = ["one", "two"].map((name) => join(folder, `${name}.ts`));
    const started = await mesh.run("start", "-d", ...files);
    equal(started.code, 0, started.stderr);
    const before = asked.length;
    for (const name of ["one", "two"]) {
      const { stdout } = await mesh.run("call", `say_${name}`, "--json");
      deepEqual(JSON.parse(stdout).value, [name, name]);
      const other = await mesh.run("call", `other_${name}`, "-o", "value");
      match(
        other.stderr,
        /jsr:@mesh\/three was imported at run time and is not among the packages/,
      );
      match(other.stderr, /`deno add jsr:@mesh\/three`/);
    }
    deepEqual(asked.slice(before), []);
  }, { JSR_URL: `http://127.0.0.1:${server.addr.port}/` });
});
