/** The modules that a process of agent code loads before its agent is there. */
import assert from "node:assert/strict";
import { posix } from "node:path";
import { ROOT } from "./imports.ts";
import { layerOf } from "./layers.ts";

/** The program of the process, and what agents import. */
const ENTRIES = ["runtime/handler/child/main.ts", "runtime/mod.ts"];
/** Layers that wait behind an `await import()` until an agent has use of them. */
const BEHIND_DOORS = [
  ...["mcp", "wiring", "node", "tracing", "metrics", "sandbox", "process", "in_thread"],
  "handler/worker",
].map((layer) => `runtime/${layer}`);
/** Packages that every agent pays for. */
const PACKAGES = ["zod", "semver/functions/parse.js", "@std/async/abortable", "@std/http/status"];

/** Imports and re-exports of values. */
const STATEMENT = /^(?:import|export)(?!\s+type\b)\b[^;]*?\sfrom\s+"([^"]+)"|^import\s+"([^"]+)"/gm;

/** Returns everything that modules import when they are loaded, by name; each with its importer. */
function loaded(entries: readonly string[]): Map<string, string> {
  const found = new Map(entries.map((entry) => [entry, ""]));
  for (const file of found.keys()) {
    if (!file.endsWith(".ts")) continue;
    const text = Deno.readTextFileSync(posix.join(ROOT, file));
    for (const [, from, bare] of text.matchAll(STATEMENT)) {
      const name = from ?? bare ?? "";
      const module = name.startsWith(".") ? posix.join(posix.dirname(file), name) : name;
      if (!found.has(module)) found.set(module, file);
    }
  }
  return found;
}

Deno.test("a process of agent code loads nothing of the trusted side", () => {
  const modules = loaded(ENTRIES);
  const trusted = [...modules].filter(([file]) => BEHIND_DOORS.includes(layerOf(file) ?? ""));
  assert.deepEqual(trusted, []);
  // The search finds what is there.
  assert.ok(modules.has("runtime/define/agent.ts") && modules.has("node:net"));
});

Deno.test("a process of agent code loads few packages", () => {
  const packages = [...loaded(ENTRIES).keys()].filter((name) => !/^node:|\.ts$/.test(name));
  assert.deepEqual(packages.toSorted(), PACKAGES.toSorted());
});

Deno.test("language models and bridges wait behind doors", () => {
  const modules = loaded(ENTRIES);
  for (
    const late of [
      "runtime/llm/chat/chat.ts",
      "runtime/llm/provider/loaded_provider.ts",
      "runtime/define/contract.ts",
      "runtime/bridge/bridge.ts",
      "runtime/boundary/manifest_schema.ts",
      "runtime/protocol/registration.ts",
    ]
  ) {
    assert.equal(modules.get(late), undefined, late);
    assert.ok(Deno.statSync(posix.join(ROOT, late)).isFile);
  }
});
