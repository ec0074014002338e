import assert from "node:assert/strict";
import {
  parseShebang,
  permissionFlags,
  union,
  withData,
  workerPermissions,
} from "./permissions.ts";
import type { Permissions } from "./grant.ts";

const rows: [shebang: string, expected: Permissions | undefined][] = [
  ["#!/usr/bin/env -S deno run --allow-net --allow-env=A_*,B", { net: true, env: ["A_*", "B"] }],
  ["#!/usr/bin/env -S deno run", {}],
  ["#!/usr/bin/env deno", {}],
  ["#!/usr/local/bin/deno run -N=a.example:443 -R", { net: ["a.example:443"], read: true }],
  ["#!/usr/bin/env -S deno serve --allow-sys=hostname", { sys: ["hostname"] }],
  ["#!/usr/bin/env -S deno run --allow-read=./data,/etc", { read: ["/app/agents/data", "/etc"] }],
  ["#!/usr/bin/env -S deno run --allow-net=a --allow-net=b", { net: ["a", "b"] }],
  ["#!/usr/bin/env -S deno run --allow-net=a --allow-net", { net: true }],
  ["#!/usr/bin/env -S deno run --allow-net --allow-net=a", { net: true }],
  ["#!/usr/bin/env -S deno run -q --no-prompt --unstable-kv --config=x.json -W", { write: true }],
  ["#!/usr/bin/env -S deno run --allow-env=A --ignore-env", { env: ["A"], ignoreEnv: true }],
  ["#!/usr/bin/env -S deno run --ignore-env=B,C", { ignoreEnv: ["B", "C"] }],
  ["#!/usr/bin/env -S deno run -A", {
    net: true,
    read: true,
    write: true,
    env: true,
    run: true,
    sys: true,
    ffi: true,
    import: true,
  }],
  ["#!/home/me/.deno/bin/deno run -S", { sys: true }],
  ["#!/usr/bin/env -S /home/me/.deno/bin/deno run -S", { sys: true }],
  ["#! /usr/bin/env -Sdeno run -S", { sys: true }],
  ["#!/usr/bin/env -vS deno run -S", { sys: true }],
  ["#!/usr/bin/env -i -S NO_COLOR=1 deno run -S", { sys: true }],
  ["#!/usr/bin/env --split-string=deno run -S", { sys: true }],
  ["#!/usr/bin/env -S\tdeno\trun\t-S\t", { sys: true }],
  ["#!/usr/bin/env node", undefined],
  ["#!/usr/bin/env -S node deno.js", undefined],
  ["#!/usr/bin/denoise run -A", undefined],
  ['import { agent } from "mesh";', undefined],
  ["", undefined],
];

for (const [shebang, expected] of rows) {
  Deno.test(`parseShebang() ${JSON.stringify(shebang)}`, () => {
    assert.deepEqual(parseShebang(`${shebang}\nmore`, "/app/agents/a.ts"), expected);
  });
}

const line = "#!/usr/bin/env -S deno run --allow-env=A";
const files: [what: string, text: string][] = [
  ["line ends of Windows", `${line}\r\nmore\r\n`],
  ["the oldest line ends", `${line}\rmore\r`],
  ["line ends of Unicode", `${line}\u2028more`],
  ["one line", line],
  ["a byte order mark", `\uFEFF${line}\nmore`],
  ["a byte order mark and line ends of Windows", `\uFEFF${line} \r\nmore`],
];
for (const [what, text] of files) {
  Deno.test(`parseShebang() of a file with ${what}`, () => {
    assert.deepEqual(parseShebang(text, "/a.ts"), { env: ["A"] });
  });
}

Deno.test("parseShebang() takes no line but the first", () => {
  for (const text of [`\n${line}`, ` ${line}`, `\r\n${line}`, `//\n${line}`]) {
    assert.equal(parseShebang(text, "/a.ts"), undefined);
  }
});

for (const flag of ["--deny-net=x", "--inspect", "--allow-everything", "--location=x"]) {
  Deno.test(`parseShebang() refuses ${flag} by name and place`, () => {
    assert.throws(() => parseShebang(`#!/usr/bin/env -S deno run ${flag}`, "/a.ts"), {
      code: "bad_definition",
      message: new RegExp(`^/a\\.ts:1: .*${flag}`),
    });
  });
}

Deno.test("permissionFlags() writes what parseShebang() reads", () => {
  const permissions: Permissions = { net: ["a:1", "b"], read: true, env: [], run: false };
  assert.deepEqual(permissionFlags(permissions), ["--allow-net=a:1,b", "--allow-read"]);
});

Deno.test("workerPermissions() refuses what is not granted instead of inheriting it", () => {
  assert.deepEqual(workerPermissions({ net: ["a"], env: [], read: true }), {
    net: ["a"],
    read: true,
    write: false,
    env: false,
    run: false,
    sys: false,
    ffi: false,
    import: false,
  });
});

Deno.test("union() allows what either side allows", () => {
  assert.deepEqual(
    union({ net: ["a"], read: false }, { net: ["a", "b"], read: true, run: ["git"] }),
    {
      net: ["a", "b"],
      read: true,
      run: ["git"],
    },
  );
  assert.deepEqual(union({ env: false }, {}), { env: false });
});

Deno.test("withData() adds a folder, and nothing to what is allowed anyway", () => {
  assert.deepEqual(withData({ net: ["a"], read: true }, "/data/x"), {
    net: ["a"],
    read: true,
    write: ["/data/x"],
  });
  assert.deepEqual(withData({ net: ["a"] }, undefined), { net: ["a"] });
});
