import { deepEqual } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { meshPorts } from "./mesh_ports.ts";

const registries: [url: string, ports: number[]][] = [
  ["http://localhost:8000", [8000]],
  ["http://[::1]:8001/", [8001]],
  ["https://registry.example.com", [443]],
  ["http://localhost", [80]],
  ["", []],
];
for (const [url, ports] of registries) {
  Deno.test(`meshPorts() of the registry ${url || "that is not there"}`, () => {
    deepEqual(meshPorts("/nowhere", url), ports);
  });
}

Deno.test("meshPorts() are those of all records, whatever else lies beside them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mesh-ports-"));
  const record = (port?: number) =>
    JSON.stringify({
      name: "a",
      file: "/a.ts",
      pid: 1,
      phase: "stopped",
      registry: "",
      started_at: "",
      unresolved: [],
      port,
    });
  try {
    await writeFile(join(folder, "a.json"), record(9101));
    await writeFile(join(folder, "b.json"), record(8000));
    await writeFile(join(folder, "c.json"), record());
    await writeFile(join(folder, "d.json"), "{");
    await writeFile(join(folder, "e.stop"), record(9999));
    deepEqual(meshPorts(folder, "http://localhost:8000").toSorted(), [8000, 9101]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
