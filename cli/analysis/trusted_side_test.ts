/** What a project says never reaches the modules of the runtime, not even where they lie in its folder. */
import { deepEqual, equal, match } from "node:assert/strict";
import { cp, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withFiles } from "./files_fixture.ts";
import { resolutionFlags, UNSTABLE } from "./resolution.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Module that says so when it is loaded in a place that may write, and is a built-in one besides. */
const EVIL = `Deno.writeTextFileSync(new URL("../../loaded.txt", import.meta.url), import.meta.url);
export const join = (...parts) => parts.join("!");
`;

const BARE = ["zod", "semver", "@modelcontextprotocol/server", "ioredis", "nunjucks", "openai"];
const RUNTIME = "./.mesh/runtime/1.0.0/runtime/";

/** Everything that a project may say to have `evil.ts` imported. */
const HOSTILE = {
  imports: Object.fromEntries(
    [
      ...BARE,
      ...["node:path", "node:fs", "node:process", "node:url", "node:os", "node:module"],
      ...["./", "/", "file:///", "npm:", "npm:/", "npm:zod@4.6.7", "data:", "node:"],
      ...[
        RUNTIME,
        `${RUNTIME}base/log.ts`,
        `${RUNTIME}process/plan.ts`,
        "./plan.ts",
        "../base/errors.ts",
      ],
    ].map((name) => [name, name.endsWith("/") ? "./evil/" : "./evil/evil.ts"]),
  ),
  workspace: ["./.mesh/runtime/1.0.0"],
  links: ["./linked"],
  patch: ["./linked"],
  nodeModulesDir: "auto",
  vendor: true,
  lock: "./evil.lock",
  unstable: ["sloppy-imports"],
  preload: ["./evil/evil.ts"],
  compilerOptions: { jsx: "react-jsx", jsxImportSource: "./evil" },
};

processTest(
  "the program of an agent process loads its own modules and none of the project it lies in",
  async () => {
    await withFiles({
      "app/deno.json": HOSTILE,
      "app/package.json": {
        type: "module",
        workspaces: [".mesh/runtime/*"],
        dependencies: { zod: "file:./linked" },
        imports: { "#*": "./evil/evil.ts" },
        overrides: { zod: "file:./linked" },
      },
      "app/evil/evil.ts": EVIL,
      "app/linked/deno.json": { name: "zod", version: "4.6.7", exports: "./evil.ts" },
      "app/linked/package.json": { name: "zod", version: "4.6.7", type: "module", main: "evil.ts" },
      "app/linked/evil.ts": EVIL,
      "app/node_modules/zod/package.json": { name: "zod", version: "4.6.7", main: "evil.ts" },
      "app/node_modules/zod/evil.ts": EVIL,
      "app/.npmrc": "registry=http://127.0.0.1:9/\n",
      "app/.env": "NODE_OPTIONS=--import=./evil/evil.ts\n",
      "app/agent.ts": 'import { join } from "node:path";\nconsole.log(join("a", "b"));\n',
    }, async (folder) => {
      const root = join(folder, "app/.mesh/runtime/1.0.0");
      for (const name of ["runtime", "import_map.json", "deno.json", "deno.lock"]) {
        await mkdir(dirname(join(root, name)), { recursive: true });
        await cp(join(ROOT, name), join(root, name), { recursive: true });
      }
      const cwd = join(folder, "app");
      const flags = [
        ...resolutionFlags([join(cwd, "agent.ts")], root),
        ...["--lock", join(root, "deno.lock"), "--frozen", "--cached-only", ...UNSTABLE],
      ];
      const run = async (...args: string[]) => {
        const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "--no-prompt", ...flags, ...args],
          cwd,
          env: { NO_COLOR: "1" },
        }).output();
        const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
        return { code, said: text(stdout) + text(stderr) };
      };
      const loaded = () => readFile(join(folder, "loaded.txt"), "utf8").catch(() => "");

      const host = await run(join(root, "runtime/process/main.ts"), "{}");
      match(host.said, /^the host plan cannot be read/);
      equal(host.code, 2);
      equal(await loaded(), "", "nothing of the project was loaded");

      // Its own modules import what it says: this is what would have happened.
      deepEqual(await run(join(cwd, "agent.ts")), { code: 0, said: "a!b\n" });
      match(await loaded(), /evil\.ts/);
    });
  },
);
