/** Every command and every module of the documentation, in a copy of the repository. */
import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { TOPICS } from "../cli/man/topics.ts";
import { readEnvironment } from "../runtime/node/config.ts";
import { type Checkout, checkout, type Outcome } from "./docs/checkout.ts";
import { type Fence, fences, missingLines } from "./docs/fence.ts";
import type { Foreground } from "./docs/foreground.ts";

const PAGES = [
  "README.md",
  "agents/README.md",
  "agents/trip-planner/README.md",
  "runtime/README.md",
  "registry/README.md",
  "cli/README.md",
  "deploy/README.md",
];
/** The part of `deno.lock` that says what is imported. */
const Lock = z.object({ specifiers: z.record(z.string(), z.string()) });
/** The last line of a start: everything is up. */
const STARTED = "Ctrl+C stops everything.";
/** Where the pages find TripPlanner's gateway, and how a start says where it is in a copy. */
const GATEWAY = "http://localhost:8080";
const GATEWAY_LINE = /^Page: (http:\S+)\/$/m;
/** Until the mesh has taken note of a change, milliseconds: two heartbeats and some patience. */
const SETTLES_WITHIN_MS = 15_000;

const read = (path: string) =>
  readFile(fileURLToPath(new URL(`../${path}`, import.meta.url)), "utf8");

/** The lines of `.ci/run`, without quotes and redirections, its version of Deno filled in. */
async function commandsOfCi(): Promise<string[]> {
  const script = await read(".ci/run");
  const version = /^readonly VERSION=(.*)$/m.exec(script)?.[1] ?? "";
  return script.replaceAll("$VERSION", version).replaceAll('"', "").split("\n")
    .map((line) => line.replace(/ <.*$/, ""));
}

/** Follows a page from its first code block to its last. */
class Reader {
  readonly #checkout: Checkout;
  readonly #page: string;
  #output = "";
  #repeated: string | undefined;
  #gateway = GATEWAY;
  #foreground: Foreground | undefined;

  constructor(page: string, copy: Checkout) {
    this.#page = page;
    this.#checkout = copy;
  }

  async follow(fence: Fence): Promise<void> {
    const place = `${this.#page}:${fence.line}`;
    switch (`${fence.language} ${fence.info}`.trim()) {
      case "sh": {
        const { code, output } = await this.#run(fence.code);
        assert.equal(code, 0, `${place}: ${output}`);
        this.#shows(output);
        return;
      }
      case "sh foreground":
        this.#foreground = this.#checkout.start(fence.code);
        this.#shows(await this.#foreground.shows(STARTED));
        assert.ok(this.#output.includes(STARTED), `${place}: ${this.#output}`);
        return;
      case "sh ci":
        assert.ok((await commandsOfCi()).includes(fence.code), `${place}: .ci/run does not run it`);
        return;
      case "sh eventually":
        this.#repeated = fence.code;
        return;
      case "text":
        if (this.#repeated !== undefined) await this.#repeatUntil(fence.code);
        assert.deepEqual(missingLines(fence.code, this.#output), [], `${place}: ${this.#output}`);
        return;
      default:
        if (fence.language === "ts") await this.#check(fence, place);
    }
  }

  #run(commands: string): Promise<Outcome> {
    return this.#checkout.run(commands.replaceAll(GATEWAY, this.#gateway));
  }

  #shows(output: string): void {
    this.#output = output;
    this.#gateway = GATEWAY_LINE.exec(output)?.[1] ?? this.#gateway;
  }

  /** Runs the commands again and again until they print what is shown, or the time is up. */
  async #repeatUntil(shown: string): Promise<void> {
    const limit = performance.now() + SETTLES_WITHIN_MS;
    do {
      this.#output = (await this.#run(this.#repeated ?? "")).output;
    } while (missingLines(shown, this.#output).length > 0 && performance.now() < limit);
    this.#repeated = undefined;
  }

  async #check({ info, code, line }: Fence, place: string): Promise<void> {
    const file = info === "" ? `block-${line}.ts` : info;
    await writeFile(join(this.#checkout.folder, file), `${code}\n`);
    const checked = await this.#checkout.run(`deno check --quiet ${file}`);
    assert.equal(checked.code, 0, `${place}: ${checked.output}`);
  }

  /** Interrupts what still runs. */
  async close(): Promise<void> {
    if (this.#foreground === undefined) {
      await this.#checkout.run("deno task meshctl stop");
      return;
    }
    assert.equal(await this.#foreground.interrupt(), 0);
  }
}

for (const page of PAGES) {
  Deno.test(`${page} does what it says`, async () => {
    await using copy = await checkout();
    const reader = new Reader(page, copy);
    try {
      for (const fence of fences(await read(page))) await reader.follow(fence);
    } finally {
      await reader.close();
    }
  });
}

Deno.test("the commands of meshctl man print what its pages show", async () => {
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

Deno.test("the modules of meshctl man type-check", async () => {
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
