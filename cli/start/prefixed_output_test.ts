import { deepEqual, equal } from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contextFixture } from "../app/context_fixture.ts";
import { meshHome } from "../machine/home.ts";
import { attributeLine, createPrefixedOutput } from "./prefixed_output.ts";

Deno.test("attributeLine() knows whose a line of a shared process is", () => {
  const names = ["poi", "poi-agent"];
  deepEqual(attributeLine("poi | x", ["poi"]), { name: "poi", text: "poi | x" });
  deepEqual(attributeLine("poi-agent | x | y", names), { name: "poi-agent", text: "x | y" });
  deepEqual(attributeLine("other | x", names), { name: "_pack", text: "other | x" });
});

Deno.test("createPrefixedOutput() prefixes every line and logs it bare", async () => {
  const home = meshHome(await mkdtemp(join(tmpdir(), "output-")));
  try {
    await mkdir(home.logs);
    const { context, stdout, stderr } = contextFixture();
    {
      using output = createPrefixedOutput(context, home, { names: [], level: undefined });
      output.line("flight-agent", "stdout", "one");
      output.line("flight-agent", "stderr", "two");
    }
    equal(stdout(), "flight-agent | one\n");
    equal(stderr(), "flight-agent | two\n");
    equal(await readFile(home.log("flight-agent"), "utf8"), "one\ntwo\n");
  } finally {
    await rm(home.root, { recursive: true });
  }
});

Deno.test("createPrefixedOutput() logs also what it does not show", async () => {
  const home = meshHome(await mkdtemp(join(tmpdir(), "output-")));
  try {
    await mkdir(home.logs);
    const { context, stderr } = contextFixture();
    {
      using output = createPrefixedOutput(context, home, { names: ["a"], level: "ERROR" });
      output.line("a", "stderr", "2026-06-01 12:00:00.000 INFO  fine");
      output.line("a", "stderr", "2026-06-01 12:00:00.001 ERROR broken");
      output.line("b", "stderr", "2026-06-01 12:00:00.002 ERROR broken too");
    }
    equal(stderr(), "a | 2026-06-01 12:00:00.001 ERROR broken\n");
    equal((await readFile(home.log("a"), "utf8")).split("\n").length, 3);
    equal((await readFile(home.log("b"), "utf8")).split("\n").length, 2);
  } finally {
    await rm(home.root, { recursive: true });
  }
});

Deno.test("createPrefixedOutput() prefixes documents too, but for those that say truly whose they are", async () => {
  const home = meshHome(await mkdtemp(join(tmpdir(), "output-")));
  try {
    await mkdir(home.logs);
    const { context, stdout } = contextFixture();
    const own = '{"time":"2026-06-01T12:00:00.000Z","level":"info","agent":"a","message":"fine"}';
    const others = [
      own.replace('"a"', '"b"'),
      '{"time": Error: the registry is gone',
      '{"time":null}',
      own.replace('"agent":"a",', ""),
    ];
    {
      using output = createPrefixedOutput(context, home, { names: [], level: undefined });
      for (const line of [own, ...others]) output.line("a", "stdout", line);
    }
    deepEqual(stdout().trimEnd().split("\n"), [own, ...others.map((line) => `a | ${line}`)]);
  } finally {
    await rm(home.root, { recursive: true });
  }
});
