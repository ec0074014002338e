import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { HABITS } from "../../runtime/testing/mod.ts";
import { contextFixture } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
import { createPalette } from "../output/colour.ts";
import { renderPage } from "./render.ts";
import { searchTopics } from "./search.ts";
import { findTopic, summaryOf, TOPICS } from "./topics.ts";

const plain = createPalette(false);
const run = async (...args: string[]) => {
  const fixture = contextFixture();
  const code = await dispatch(["man", ...args], fixture.context);
  return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
};

Deno.test("every page is a topic, and begins with its name and what it is about", async () => {
  const pages = (await readdir(new URL(".", import.meta.url))).filter((name) =>
    name.endsWith(".md")
  );
  deepEqual(TOPICS.map(({ name }) => `${name}.md`).toSorted(), pages.toSorted());
  for (const topic of TOPICS) {
    match(topic.text, new RegExp(`^# ${topic.name}: \\S`));
    ok(summaryOf(topic) !== topic.name);
  }
});

Deno.test("no alias means two topics", () => {
  const names = TOPICS.flatMap(({ name, aliases }) => [name, ...aliases]);
  deepEqual(names.filter((name, index) => names.indexOf(name) !== index), []);
  equal(findTopic("DI")?.name, "dependency-injection");
});

Deno.test("renderPage() keeps prose within the width at every width", () => {
  for (const width of [30, 60, 100]) {
    for (const { text } of TOPICS) {
      const prose = text.replace(/```[^]*?```\n|^\|.*\n/gm, "");
      for (const line of renderPage(prose, { width, palette: plain })) {
        // A single word may be wider than the terminal.
        ok(line.length <= width || !line.trim().replace(/^- /, "").includes(" "), line);
      }
    }
  }
});

Deno.test("renderPage() shows headings, lists, code and tables, and paints what is code", () => {
  const page =
    "# t: x\n\nA `b c`, **d**.\n\n- one\n- two\n\n```ts\na  = 1;\n```\n\n| A | B |\n| - | - |\n| `x` | y |\n";
  deepEqual(renderPage(page, { width: 40, palette: plain }), [
    "t: x",
    "",
    "A b c, d.",
    "",
    "  - one",
    "  - two",
    "",
    "    a  = 1;",
    "",
    "  A  B",
    "  ----",
    "  x  y",
  ]);
  const green = createPalette(true).paint("green", "a");
  deepEqual(renderPage("`a`", { width: 9, palette: createPalette(true) }), [green]);
});

Deno.test("the page on habits shows each of them, with its vendor and what it does", () => {
  const { text } = findTopic("habits") ?? { text: "" };
  const lines = renderPage(text, { width: Infinity, palette: plain });
  for (const [name, { vendor, does, leadsTo }] of Object.entries(HABITS)) {
    const item = `  - ${name} (${vendor}): ${does.replaceAll("`", "")}`;
    ok(lines.includes(leadsTo === undefined ? item : `${item} → ${leadsTo}`), item);
  }
});

Deno.test("searchTopics() puts pages first that are about the words, in a fixed order", () => {
  const names = searchTopics(["tags"], TOPICS).map(({ topic }) => topic.name);
  equal(names[0], "tags");
  deepEqual(searchTopics(["TAGS"], TOPICS.toReversed()).map(({ topic }) => topic.name), names);
  deepEqual(searchTopics(["tags", "nowhere-at-all"], TOPICS), []);
});

Deno.test("man lists, prints, finds and refuses", async () => {
  match((await run()).stdout, /^TOPIC +ABOUT\n[^]*quickstart +a first agent/);
  equal((await run("di")).code, 0);
  equal((await run("dependency", "injection")).stdout, (await run("di")).stdout);
  equal((await run("-r", "tags")).stdout, findTopic("tags")?.text);
  match((await run("-s", "model", "provider")).stdout, /^\S+: .*\n {4}\S/);
  equal((await run("-s")).code, 2);
  equal((await run("-s", "nowhere-at-all")).code, 3);
  const unknown = await run("quikstart");
  equal(unknown.code, 3);
  match(unknown.stderr, /quickstart/);
});
