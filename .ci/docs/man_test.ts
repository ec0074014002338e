/** The pages of `meshctl man`: every command and every module, in a copy of the repository. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TOPICS } from "../../cli/man/topics.ts";
import { checkout } from "./checkout.ts";
import { fences } from "./fence.ts";
import { Reader } from "./reader.ts";
import { processTest } from "../fixtures/process_tests.ts";

processTest("the commands of meshctl man print what its pages show", async () => {
  await using copy = await checkout();
  for (const { name, text } of TOPICS) {
    const reader = new Reader(`cli/man/${name}.md`, copy);
    for (const fence of fences(text)) {
      if (fence.language !== "ts") await reader.follow(fence);
    }
  }
  const left = await copy.run("meshctl stop");
  assert.match(left.output, /Nothing is running/, "a page leaves something running");
});

processTest("the modules of meshctl man type-check", async () => {
  await using copy = await checkout();
  for (const { name, text } of TOPICS) {
    for (const { language, code, line } of fences(text)) {
      if (language === "ts") await writeFile(join(copy.folder, `${name}-${line}.ts`), `${code}\n`);
    }
  }
  // All at once: what they share is read once.
  const { code, output } = await copy.run("deno check --quiet ./*.ts");
  assert.equal(code, 0, output);
});
