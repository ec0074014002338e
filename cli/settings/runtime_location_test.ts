import { deepEqual, equal } from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { locate, runtimeLocation, selfCommand } from "./runtime_location.ts";

const home = "/home/ada/.mcp-mesh";

Deno.test("runtimeLocation() in a checkout is the checkout", () => {
  const { form, root } = runtimeLocation(home);
  equal(form, "checkout");
  for (const path of ["deno.json", "import_map.json", "runtime/mod.ts"]) {
    equal(existsSync(join(root, path)), true, path);
  }
});

Deno.test("locate(): an unpacked launcher is where it was unpacked", () => {
  const root = `${home}/runtime/0.1.0-abc`;
  const url = `file://${root}/cli/chunk-X.js`;
  deepEqual(locate({ url, standalone: false, home }), { form: "launcher", root });
});

Deno.test("locate(): a compiled program's runtime is the release of its archive, in the home", async () => {
  const inside = await mkdtemp(join(tmpdir(), "compiled-"));
  try {
    const archive = join(inside, "carried", "0.1.0-abc.archive");
    await mkdir(join(inside, "carried"));
    await writeFile(archive, "");
    const url = pathToFileURL(join(inside, "cli", "main.js")).href;
    const root = join(home, "runtime", "0.1.0-abc");
    deepEqual(locate({ url, standalone: true, home }), { form: "compiled", root, archive });
  } finally {
    await rm(inside, { recursive: true });
  }
});

Deno.test("selfCommand() runs each form as it is run", () => {
  const run = ["run", "--quiet", "--no-prompt"];
  deepEqual(selfCommand({ form: "checkout", root: "/p" }, "deno", ["--allow-net"]), {
    command: "deno",
    args: [...run, "--config", "/p/deno.json", "--allow-net", "/p/cli/main.ts"],
  });
  const { args } = selfCommand({ form: "launcher", root: "/p" }, "deno", ["--allow-net"]);
  deepEqual([args.includes("--no-config"), args.at(-1)], [true, "/p/cli/main.js"]);
  deepEqual(selfCommand({ form: "compiled", root: "/p" }, "/bin/meshctl", ["--allow-net"]), {
    command: "/bin/meshctl",
    args: [],
  });
});
