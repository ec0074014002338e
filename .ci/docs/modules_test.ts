/** The modules that the pages of the documentation show, those of `meshctl man` too. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TOPICS } from "../../cli/man/topics.ts";
import { processTest } from "../fixtures/process_tests.ts";
import { checkout } from "./checkout.ts";
import { type Fence, fences } from "./fence.ts";
import { PAGES, read } from "./reader.ts";

/** Returns the modules that a page shows. */
function modulesOf(text: string): Fence[] {
  return fences(text).filter(({ language }) => language === "ts");
}

processTest("the modules that the pages show type-check", async () => {
  const pages = await Promise.all(PAGES.map(async (page) => ({ page, text: await read(page) })));
  const topics = TOPICS.map(({ name, text }) => ({ page: `cli/man/${name}.md`, text }));
  const modules = [...pages, ...topics].flatMap(({ page, text }) =>
    modulesOf(text).map(({ line, code }) => ({
      file: `${page.replaceAll("/", "_")}-${line}.ts`,
      code,
    }))
  );
  assert.ok(modules.length > 10);
  await using copy = await checkout();
  await Promise.all(
    modules.map(({ file, code }) => writeFile(join(copy.folder, file), `${code}\n`)),
  );
  // All at once: the modules of the mesh are read once.
  const { code, output } = await copy.run(
    `deno check --quiet ${modules.map(({ file }) => file).join(" ")}`,
  );
  assert.equal(code, 0, output);
});
