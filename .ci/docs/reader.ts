/**
 * The pages of the documentation, and a reader who does what they say.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Checkout, checkout, type Outcome } from "./checkout.ts";
import { type Fence, fences, missingLines } from "./fence.ts";
import type { Foreground } from "./foreground.ts";
import { processTest } from "../fixtures/process_tests.ts";

/** The pages, from the root of the repository. Each is followed by a test file of its own. */
export const PAGES = [
  "README.md",
  "agents/README.md",
  "agents/trip-planner/README.md",
  "runtime/README.md",
  "registry/README.md",
  "cli/README.md",
  "deploy/README.md",
] as const;

/** The last line of a start: everything is up. */
const STARTED = "Ctrl+C stops everything.";
/** Where the pages find TripPlanner's gateway, and how a start says where it is in a copy. */
const GATEWAY = "http://localhost:8080";
const GATEWAY_LINE = /^Page: (http:\S+)\/$/m;
/** Until the mesh has taken note of a change, milliseconds: two heartbeats and some patience. */
const SETTLES_WITHIN_MS = 15_000;

/** Returns the text of a file of the repository. */
export function read(path: string): Promise<string> {
  return readFile(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
}

/** The lines of `.ci/run`, without quotes and redirections, its version of Deno filled in. */
async function commandsOfCi(): Promise<string[]> {
  const script = await read(".ci/run");
  const version = /^readonly VERSION=(.*)$/m.exec(script)?.[1] ?? "";
  return script.replaceAll("$VERSION", version).replaceAll('"', "").split("\n")
    .map((line) => line.replace(/ <.*$/, ""));
}

/** Follows a page from its first code block to its last. */
export class Reader {
  readonly #checkout: Checkout;
  readonly #page: string;
  #output = "";
  #repeated: string | undefined;
  #gateway = GATEWAY;
  #foreground: Foreground | undefined;

  /** @param page What failures name, such as `README.md`. */
  constructor(page: string, copy: Checkout) {
    this.#page = page;
    this.#checkout = copy;
  }

  /** Does what a code block says; the one that shows output is compared with that of the one before. */
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
        // The commands after it find it; `modules_test.ts` checks its types with those of all pages.
        if (fence.language !== "ts" || fence.info === "") return;
        await writeFile(join(this.#checkout.folder, fence.info), `${fence.code}\n`);
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

  /** Interrupts what still runs. */
  async close(): Promise<void> {
    if (this.#foreground === undefined) {
      await this.#checkout.run("deno task meshctl stop");
      return;
    }
    assert.equal(await this.#foreground.interrupt(), 0);
  }
}

/** Registers the test that a page does what it says, in a copy of the repository. */
export function pageTest(page: (typeof PAGES)[number]): void {
  processTest(`${page} does what it says`, async () => {
    await using copy = await checkout();
    const reader = new Reader(page, copy);
    try {
      for (const fence of fences(await read(page))) await reader.follow(fence);
    } finally {
      await reader.close();
    }
  });
}
