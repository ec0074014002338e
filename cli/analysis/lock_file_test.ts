import { deepEqual, equal, throws } from "node:assert/strict";
import {
  keeps,
  LockFileSchema,
  lockOf,
  lockText,
  mergedLocks,
  withoutAddresses,
} from "./lock_file.ts";

const lock = (said: Record<string, unknown>) => LockFileSchema.parse({ version: "5", ...said });

const RUNTIME = lock({
  specifiers: { "npm:ms@2": "2.1.3", "npm:odd@1": "1.0.0_ms@2.1.3" },
  npm: {
    "ms@2.1.3": { integrity: "sha512-runtime" },
    "odd@1.0.0_ms@2.1.3": {
      integrity: "sha512-odd",
      dependencies: ["ms", "width-cjs@npm:width"],
    },
    "width@4.2.3": { integrity: "sha512-width" },
  },
});

const PROJECT = lock({
  specifiers: { "npm:ms@2": "2.0.0", "npm:@own/own@^1": "1.5.0" },
  npm: {
    "ms@2.1.3": { integrity: "sha512-evil", tarball: "https://evil.example/ms.tgz" },
    "ms@2.0.0": { integrity: "sha512-older" },
    "@own/own@1.5.0": {
      integrity: "sha512-own",
      tarball: "https://evil.example/own.tgz",
      dependencies: ["width"],
    },
    "width@5.0.0": { integrity: "sha512-wider" },
  },
  remote: { "https://example.com/a.ts": "1" },
});

Deno.test("mergedLocks() has what all say, and where they differ what the first says", () => {
  const merged = mergedLocks([RUNTIME, PROJECT]);
  deepEqual(merged.specifiers, {
    "npm:ms@2": "2.1.3",
    "npm:odd@1": "1.0.0_ms@2.1.3",
    "npm:@own/own@^1": "1.5.0",
  });
  equal(merged.npm["ms@2.1.3"]?.["integrity"], "sha512-runtime");
  deepEqual(merged.remote, { "https://example.com/a.ts": "1" });
  // In a file of its own, a package with one version is named without it.
  deepEqual(merged.npm["odd@1.0.0_ms@2.1.3"]?.dependencies, [
    "ms@2.1.3",
    "width-cjs@npm:width@4.2.3",
  ]);
  deepEqual(merged.npm["@own/own@1.5.0"]?.dependencies, ["width@5.0.0"]);
  equal(keeps(merged, RUNTIME), true);
  equal(keeps(merged, PROJECT), false);
});

Deno.test("withoutAddresses() leaves out where packages would come from, and nothing else", () => {
  deepEqual(withoutAddresses(PROJECT).npm["@own/own@1.5.0"], {
    integrity: "sha512-own",
    dependencies: ["width"],
  });
});

Deno.test("lockOf() keeps some packages and all they depend on", () => {
  const part = lockOf(["odd@1.0.0_ms@2.1.3"], mergedLocks([RUNTIME, PROJECT]));
  deepEqual(Object.keys(part.npm).toSorted(), ["ms@2.1.3", "odd@1.0.0_ms@2.1.3", "width@4.2.3"]);
  deepEqual(Object.keys(part.specifiers), ["npm:ms@2", "npm:odd@1"]);
});

Deno.test("keeps() sees another version, another digest, other dependencies, and what is missing", () => {
  const changed = (change: (copy: typeof RUNTIME) => void) => {
    const copy = structuredClone(RUNTIME);
    change(copy);
    return keeps(copy, RUNTIME);
  };
  equal(changed(() => {}), true);
  equal(changed((copy) => copy.npm["new@1.0.0"] = {}), true);
  equal(changed((copy) => copy.npm["ms@2.1.3"] = { integrity: "sha512-runtime", bin: true }), true);
  equal(changed((copy) => copy.specifiers["npm:ms@2"] = "2.0.0"), false);
  equal(changed((copy) => copy.npm["ms@2.1.3"] = { integrity: "sha512-evil" }), false);
  equal(
    changed((copy) =>
      copy.npm["width@4.2.3"] = { integrity: "sha512-width", dependencies: ["ms"] }
    ),
    false,
  );
  equal(changed((copy) => delete copy.npm["width@4.2.3"]), false);
});

Deno.test("LockFileSchema takes what Deno writes, and says nothing of a configuration", () => {
  const text = lockText(lock({ specifiers: {}, workspace: { dependencies: ["npm:ms@2"] } }));
  equal("workspace" in JSON.parse(text), false);
  throws(() => LockFileSchema.parse({ version: "3", packages: {} }));
});
