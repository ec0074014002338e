import assert from "node:assert/strict";
import { MeshError } from "../errors.ts";
import { AgentRecordSchema, type PlannedAgent } from "./plan.ts";
import { RecordFile } from "./record.ts";

function planned(folder: string): PlannedAgent {
  return { file: "/a.ts", name: "a", record: `${folder}/a.json`, permissions: {} };
}

Deno.test("RecordFile writes what it could not, once it can, and says both", async () => {
  const root = await Deno.makeTempDir();
  try {
    const folder = `${root}/agents`;
    // Nothing waits for a record: its timer alone would let the process end.
    const alive = setInterval(() => {}, 1_000);
    const troubles: string[] = [];
    const back = Promise.withResolvers<void>();
    const record = new RecordFile(planned(folder), "http://registry", undefined, (message) => {
      troubles.push(message);
      if (troubles.length === 2) back.resolve();
    });
    record.failed(new MeshError("port_taken", "port 1 is taken"));
    assert.match(troubles.join("\n"), /^the record .*a\.json cannot be written: No such file/);
    await Deno.mkdir(folder);
    await back.promise;
    clearInterval(alive);
    assert.match(troubles[1] ?? "", /^the record .*a\.json is written again$/);
    const text = await Deno.readTextFile(`${folder}/a.json`);
    assert.equal(AgentRecordSchema.parse(JSON.parse(text)).error?.code, "port_taken");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
