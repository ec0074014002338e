import { deepEqual, equal, match } from "node:assert/strict";
import { fixture, withMesh } from "./meshctl.ts";

Deno.test("permissions shows what agents may touch and what they were refused", async () => {
  await withMesh(async (mesh) => {
    const agents = [fixture("reader"), fixture("clock")];
    const started = await mesh.run("start", "-d", ...agents);
    equal(started.code, 0, started.stderr);
    const before = await mesh.run("permissions");
    match(
      before.stdout,
      /^clock .*\n {2}May touch {2}nothing beyond the mesh\n {2}Machine {4}no port of this machine\n {2}Variables {2}none\n {2}Keeps {6}files in \S+clock: 0 MiB of 1,024 MiB\n {2}Refused +nothing/,
    );
    match(before.stdout, /reader .*\n {2}May touch {2}--allow-net=127\.0\.0\.1:65535/);

    const path = fixture("clock");
    equal((await mesh.run("call", "read_file", `path=${path}`)).code, 5);
    equal((await mesh.run("call", "fetch_status", "url=http://127.0.0.1:65534/")).code, 5);
    const shown = await mesh.run("permissions", "rea", "--json");
    const { schema_version, agents: [reader] } = JSON.parse(shown.stdout);
    equal(schema_version, 1);
    deepEqual(reader.permissions, { net: ["127.0.0.1:65535"] });
    match(reader.data, /reader$/);
    deepEqual(
      reader.refusals.map(({ permission, resource, count }: Record<string, unknown>) => ({
        permission,
        resource,
        count,
      })),
      [
        { permission: "net", resource: "127.0.0.1:65534", count: 1 },
        { permission: "read", resource: path, count: 1 },
      ],
    );
    match((await mesh.run("permissions", "reader")).stdout, new RegExp(`--allow-read=${path}`));
    match((await mesh.run("status", "reader")).stdout, /Refused:\n[^]*127\.0\.0\.1:65534 /);
    const unknown = await mesh.run("permissions", "reeder");
    equal(unknown.code, 3);
    match(unknown.stderr, /no agent of this machine matches "reeder"\nDid you mean reader/);
  });
});
