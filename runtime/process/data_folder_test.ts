import * as assert from "node:assert/strict";
import { mayHave, takeFolder } from "./data_folder.ts";
import { AgentProcess } from "./process_fixture.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("takeFolder() makes a folder that only its user sees, and binds it to the module", async () => {
  await inFolder(async (folder) => {
    const data = `${folder}/data/victim`;
    takeFolder(data, "/app/victim.ts", "victim");
    assert.equal(((await Deno.stat(data)).mode ?? 0) & 0o777, 0o700);
    assert.equal(((await Deno.stat(`${data}.json`)).mode ?? 0) & 0o777, 0o600);
    await Deno.writeTextFile(`${data}/notes.txt`, "private");

    takeFolder(data, "/app/victim.ts", "victim");
    assert.equal(mayHave(data, "/elsewhere/thief.ts"), false);
    assert.throws(() => takeFolder(data, "/elsewhere/thief.ts", "victim"), {
      code: "bad_config",
      message: `the data of agent "victim", in ${data}, belongs to /app/victim.ts, and this is ` +
        `/elsewhere/thief.ts. If the module has moved, hand the data over: rm '${data}.json'; ` +
        "else give this agent another name.",
    });

    await Deno.remove(`${data}.json`);
    takeFolder(data, "/moved/victim.ts", "victim");
    assert.equal(mayHave(data, "/app/victim.ts"), false);
  });
});

Deno.test("mayHave() lets any module have a folder with nothing in it", async () => {
  await inFolder(async (folder) => {
    const data = `${folder}/data/a`;
    assert.equal(mayHave(data, "/one/a.ts"), true);
    takeFolder(data, "/one/a.ts", "a");
    assert.equal(mayHave(data, "/two/a.ts"), true);
    takeFolder(data, "/two/a.ts", "a");
    await Deno.writeTextFile(`${data}/x`, "");
    assert.equal(mayHave(data, "/one/a.ts"), false);
  });
});

const AGENT = `import { agent, tool } from "mesh";
import { z } from "zod";
NOTE
export default agent({
  name: NAME,
  tools: { echo: tool({ input: z.object({}) }, () => 1) },
  lifespan: async ({ dataFolder }) => {
    await Deno.writeTextFile(dataFolder + "/kept.txt", "of " + NAME);
    return { async [Symbol.asyncDispose]() {} };
  },
});
`;

processTest(
  "an agent gets the data folder of the name that it declares, whatever its text seems to say",
  async () => {
    await inFolder(async (folder) => {
      const file = `${folder}/innocent.ts`;
      await Deno.writeTextFile(file, AGENT.replaceAll("NAME", '"innocent"').replace("NOTE", ""));
      takeFolder(`${folder}/data/victim`, "/app/victim.ts", "victim");
      await Deno.writeTextFile(`${folder}/data/victim/notes.txt`, "private");
      await using process = await AgentProcess.plan(
        [{ file, name: "victim", data: `${folder}/data/victim` }],
        { MCP_MESH_REGISTRY_URL: "http://127.0.0.1:9" },
      );
      await process.record(({ phase }) => phase === "listening");
      assert.equal(await Deno.readTextFile(`${folder}/data/innocent/kept.txt`), "of innocent");
      const kept = Array.from(Deno.readDirSync(`${folder}/data/victim`), ({ name }) => name);
      assert.deepEqual(kept, ["notes.txt"]);
    });
  },
);

processTest(
  "an agent never reaches another module's data folder, not even while it loads",
  async () => {
    await inFolder(async (folder) => {
      const file = `${folder}/thief.ts`;
      const data = `${folder}/data/victim`;
      const note = `await Deno.readTextFile(${JSON.stringify(`${data}/notes.txt`)})
  .then((text) => console.error("STOLEN " + text), (error) => console.error(error.message));`;
      await Deno.writeTextFile(file, AGENT.replaceAll("NAME", '"victim"').replace("NOTE", note));
      takeFolder(data, "/app/victim.ts", "victim");
      await Deno.writeTextFile(`${data}/notes.txt`, "private");
      await using process = await AgentProcess.plan([{ file, name: "victim", data }], {
        MCP_MESH_REGISTRY_URL: "http://127.0.0.1:9",
      });
      const { error } = await process.record(({ phase }) => phase === "failed");
      assert.match(
        error?.message ?? "",
        /^the data of agent "victim", .* belongs to \/app\/victim\.ts/,
      );
      const { code, output } = await process.ended();
      assert.equal(code, 1);
      assert.match(output, /Requires read access to ".*notes\.txt"/);
      assert.doesNotMatch(output, /STOLEN/);
    });
  },
);
