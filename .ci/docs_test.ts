/** The facts that the pages of the documentation state; `docs/` follows what they say to do. */
import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import * as z from "zod";
import { readEnvironment } from "../runtime/node/config.ts";
import { PAGES, read } from "./docs/reader.ts";

/** The part of `deno.lock` that says what is imported. */
const Lock = z.object({ specifiers: z.record(z.string(), z.string()) });

Deno.test("every page has a test file, so that they run beside each other", async () => {
  const files = await readdir(new URL("docs/", import.meta.url));
  const tests = await Promise.all(
    files.filter((name) => name.endsWith("_test.ts")).map((name) => read(`.ci/docs/${name}`)),
  );
  const followed = tests.flatMap((text) =>
    Array.from(text.matchAll(/^pageTest\("(.*)"\);$/gm), ([, page]) => page)
  );
  assert.deepEqual(followed.sort(), PAGES.toSorted());
});

Deno.test("every link of a page leads to a file", async () => {
  for (const page of PAGES) {
    for (const [, target = ""] of (await read(page)).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      const url = new URL(target, new URL(`../${page}`, import.meta.url));
      await assert.doesNotReject(stat(url), `${page} links to ${target}`);
    }
  }
});

Deno.test("README.md lists every package in use with its version", async () => {
  const { specifiers } = Lock.parse(JSON.parse(await read("deno.lock")));
  const used = Object.keys(specifiers).map((name) => name.replace(/^npm:/, ""));
  const rows = (await read("README.md")).matchAll(/^\| `([^`]+)` +\| (\d+\.\d+\.\d+[^ ]*) +\|/gm);
  const listed = Array.from(rows, ([, name, version]) => `${name}@${version}`);
  assert.deepEqual(listed.sort(), used.sort());
});

Deno.test("runtime/README.md lists every variable an agent reads", async () => {
  const page = await read("runtime/README.md");
  for (const name of Object.keys(readEnvironment())) assert.ok(page.includes(`\`${name}\``), name);
});
