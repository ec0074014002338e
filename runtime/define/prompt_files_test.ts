import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { promptFile, readPrompts } from "./prompt_files.ts";

const here = new URL(".", import.meta.url);

function declare(system: string): string | undefined {
  return promptFile(system, declare);
}

Deno.test("promptFile() is in the folder of the module that declares it", () => {
  assert.equal(declare("You are a poet."), undefined);
  const file = new URL("prompts/x.njk", here).href;
  assert.equal(declare("file://prompts/x.njk"), file);
  assert.equal(declare(import.meta.resolve("./prompts/x.njk")), file);
  for (const outside of ["file://../x.njk", "file:///etc/x.njk", "file://a/../../x.njk"]) {
    assert.throws(() => declare(outside), { code: "bad_definition", message: /is not in / });
  }
});

Deno.test("readPrompts() reads nothing but prompts, and nothing outside of the agent's folder", async () => {
  const root = await Deno.makeTempDir();
  const agent = `${root}/agent`;
  const url = (path: string) => pathToFileURL(path).href;
  try {
    await Deno.mkdir(`${agent}/prompts`, { recursive: true });
    await Deno.writeTextFile(`${root}/secret.txt`, "secret");
    await Deno.writeTextFile(`${agent}/.env`, "KEY=secret");
    await Deno.writeTextFile(`${agent}/prompts/large.md`, "x".repeat(1024 * 1024 + 1));
    await Deno.symlink(`${root}/secret.txt`, `${agent}/prompts/link.txt`);
    await Deno.writeTextFile(`${agent}/prompts/up.njk`, '{% include "../../secret.txt" %}');
    await Deno.writeTextFile(
      `${agent}/prompts/good.njk`,
      "{%- include 'other.j2' -%}{% include \"good.njk\" %}",
    );
    await Deno.writeTextFile(`${agent}/prompts/other.j2`, "other");
    const good = url(`${agent}/prompts/good.njk`);
    assert.deepEqual([...readPrompts([good], agent).keys()], [
      good,
      url(`${agent}/prompts/other.j2`),
    ]);
    const refused: [path: string, message: RegExp][] = [
      [`${agent}/.env`, /is no prompt: its name must end in \.njk, /],
      [`${agent}/prompts/link.txt`, /link\.txt is not in the agent's folder/],
      [
        `${agent}/prompts/up.njk`,
        /secret\.txt is not in the agent's folder.*; .*up\.njk includes it/,
      ],
      [`${agent}/prompts/large.md`, /is larger than 1048576 bytes/],
      [`${agent}/prompts/none.md`, /none\.md does not exist/],
    ];
    for (const [path, message] of refused) {
      assert.throws(() => readPrompts([url(path)], agent), { code: "bad_definition", message });
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

const encoded: [what: string, bytes: number[]][] = [
  ["with line ends of Windows", [...new TextEncoder().encode("Be\r\nbrief.\r\n")]],
  ["behind a byte order mark", [0xef, 0xbb, 0xbf, ...new TextEncoder().encode("Be\nbrief.\n")]],
  ["in UTF-16", [0xff, 0xfe, ...[..."Be\r\nbrief.\n"].flatMap((c) => [c.charCodeAt(0), 0])]],
];
for (const [what, bytes] of encoded) {
  Deno.test(`readPrompts() reads a prompt ${what}`, async () => {
    const root = await Deno.makeTempDir();
    try {
      await Deno.writeFile(`${root}/system.md`, new Uint8Array(bytes));
      const file = pathToFileURL(`${root}/system.md`).href;
      assert.equal(readPrompts([file], root).get(file), "Be\nbrief.\n");
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });
}
