import { deepEqual, doesNotThrow, equal, rejects, throws } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { declaredName, readAgentSource, refuseSharedNames } from "./agent_source.ts";

Deno.test("declaredName() is the name in the module, else one made from its path", () => {
  const rows: [string, string, string][] = [
    ['export default agent({\n  name: "flight-agent",\n});', "/x/a.ts", "flight-agent"],
    ["export default gateway({ port: 1, name: 'shop' });", "/x/a.ts", "shop"],
    ['export default llmProvider({\n  name: "gpt",\n});', "/x/a.ts", "gpt"],
    ['const name = "no"; export default agent(options);', "/x/my_Agent.ts", "my-agent"],
    ["", "/x/shop/main.ts", "shop"],
    ["", "/x/shop/src/index.ts", "shop"],
    ["", "/x/___.ts", "agent"],
  ];
  for (const [text, file, name] of rows) equal(declaredName(text, file), name, file);
});

Deno.test("readAgentSource() reads permissions, and none where none are declared", async () => {
  const folder = await mkdtemp(join(tmpdir(), "source-"));
  const file = join(folder, "a.ts");
  try {
    await writeFile(file, "#!/usr/bin/env -S deno run --allow-read=./data\nagent({name: 'a'})");
    deepEqual(await readAgentSource(file), {
      file,
      name: "a",
      permissions: { read: [join(folder, "data")] },
      declared: true,
    });
    equal((await readAgentSource(file, "other")).name, "other");
    await writeFile(file, "agent({name: 'a'})");
    deepEqual(await readAgentSource(file), { file, name: "a", permissions: {}, declared: false });
    await writeFile(file, "#!/usr/bin/env -S deno run --deny-net\n");
    await rejects(readAgentSource(file), { code: 2, message: /--deny-net/ });
    await writeFile(file, "agent({ name: 'registry' })");
    await rejects(readAgentSource(file), { code: 2, message: /the registry's own name/ });
    await rejects(readAgentSource(join(folder, "nope.ts")), { code: 3 });
  } finally {
    await rm(folder, { recursive: true });
  }
});

Deno.test("refuseSharedNames() names both files", () => {
  const source = (file: string, name: string) => ({ file, name, permissions: {}, declared: true });
  doesNotThrow(() => refuseSharedNames([source("/a.ts", "a"), source("/b.ts", "b")]));
  throws(() => refuseSharedNames([source("/a.ts", "a"), source("/b.ts", "a")]), {
    code: 2,
    message: 'two agents are named "a": /a.ts and /b.ts',
  });
});
