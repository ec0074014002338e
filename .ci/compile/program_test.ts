import { deepEqual, equal } from "node:assert/strict";
import { compileArguments, missingStub } from "./program.ts";

const release = { name: "0.1.0-abc", files: new Map(), archive: new Uint8Array() };

Deno.test("compileArguments() embeds the modules and the archive, for a target when there is one", () => {
  const options = { release, folder: "/tmp/f", output: "/dist/meshctl" };
  const args = compileArguments({ ...options, target: "aarch64-apple-darwin" });
  equal(args[args.indexOf("--target") + 1], "aarch64-apple-darwin");
  // Not where the launcher may be, which Deno would not replace.
  equal(args[args.indexOf("--output") + 1], "/tmp/f/meshctl");
  equal(args.at(-1), "/tmp/f/cli/main.js");
  deepEqual(args.filter((_, index) => args[index - 1] === "--include"), [
    "/tmp/f/carried",
    "/tmp/f/cli",
  ]);
  equal(compileArguments({ ...options, target: undefined }).includes("--target"), false);
});

Deno.test("missingStub() is why there is no stub; another failure is not taken for it", () => {
  const url = "https://dl.deno.land/release/v2.9.6/denort-x86_64-unknown-linux-gnu.zip";
  equal(
    missingStub(
      `Download ${url}\nerror: Writing deno compile executable\n\nCaused by:\n dns error`,
    ),
    `${url} cannot be downloaded`,
  );
  equal(missingStub("error: The module's source code could not be parsed"), undefined);
});
