import { deepEqual, equal, match } from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FindingLevel } from "./finding.ts";
import { denoFinding, diskFinding, homeFindings } from "./machine_checks.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const GIB = 1024 ** 3;

Deno.test("denoFinding() takes 2.9 and what is newer", () => {
  const rows: [version: string, level: FindingLevel][] = [
    ["2.9.0", "ok"],
    ["2.9.6", "ok"],
    ["2.10.0", "ok"],
    ["2.9.0-rc.1+abc", "ok"],
    ["3.0.0", "ok"],
    ["2.8.9", "failure"],
    ["1.46.0", "failure"],
  ];
  for (const [version, level] of rows) equal(denoFinding(version).level, level, version);
  deepEqual(denoFinding("2.8.9"), {
    check: "deno",
    level: "failure",
    text: "Deno 2.8.9 is too old: 2.9 or newer is needed",
    fix: "deno upgrade",
  });
  equal(denoFinding(Deno.version.deno).level, "ok");
});

Deno.test("diskFinding() warns below a GiB and fails below a tenth of it", () => {
  const rows: [free: number, level: FindingLevel][] = [
    [5 * GIB, "ok"],
    [GIB, "ok"],
    [GIB - 1, "warning"],
    [GIB / 10, "warning"],
    [GIB / 10 - 1, "failure"],
  ];
  for (const [free, level] of rows) {
    const finding = diskFinding(free, "/a b");
    equal(finding.level, level, String(free));
    equal(finding.fix, level === "ok" ? undefined : "du -xk '/a b' | sort -n | tail");
  }
  equal(diskFinding(5 * GIB, "/x").text, "5.0 GiB free in /x");
});

processTest(
  "homeFindings() warns of a home that others may enter, with the command that closes it",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    const home = await mkdtemp(join(tmpdir(), "mesh-home-"));
    try {
      await mkdir(join(home, "logs"));
      await chmod(home, 0o750);
      const [open] = await homeFindings(home);
      equal(open?.level, "warning");
      match(open?.text ?? "", /^other users of this machine can read what is kept in /);
      const { code } = await new Deno.Command("sh", { args: ["-c", open?.fix ?? ""] }).output();
      equal(code, 0);
      equal((await homeFindings(home))[0]?.level, "ok");
    } finally {
      await rm(home, { recursive: true });
    }
  },
);

Deno.test("homeFindings() looks at the home, or at what it would be made in, and makes nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mesh-home-"));
  try {
    const home = join(folder, "not", "yet");
    const [well, disk] = await homeFindings(home);
    deepEqual([well?.level, well?.text], ["ok", `state is kept in ${home}`]);
    match(disk?.text ?? "", new RegExp(`GiB free in ${folder}$`));
    deepEqual(await readdir(folder), []);

    const asked: string[] = [];
    const refuse = (path: string) => {
      asked.push(path);
      return Promise.resolve("EACCES");
    };
    const [closed, ...others] = await homeFindings(home, refuse);
    deepEqual(others, []);
    deepEqual(asked, [folder]);
    equal(closed?.text, `${home} cannot be written, and all state is kept there`);
    equal(closed?.fix, `sudo mkdir -p ${home} && sudo chown -R "$(id -un)" ${home}`);
    equal((await homeFindings(folder, refuse))[0]?.fix, `sudo chown -R "$(id -un)" ${folder}`);

    for (
      const [code, says, fix] of [
        ["EROFS", /is mounted read-only, .*: mount it .*, or set MCP_MESH_HOME/, /remount,rw/],
        ["ENOSPC", /^no space is left for .*, or set MCP_MESH_HOME/, /^du -xk/],
        ["EDQUOT", /^no space is left for .*, or set MCP_MESH_HOME/, /^du -xk/],
      ] as const
    ) {
      const [finding] = await homeFindings(home, () => Promise.resolve(code));
      equal(finding?.level, "failure");
      match(finding?.text ?? "", says);
      match(finding?.fix ?? "", fix);
    }

    await writeFile(join(folder, "file"), "");
    const [file] = await homeFindings(join(folder, "file", "home"));
    equal(file?.level, "failure");
    match(file?.text ?? "", /\/file is no folder, and all state is to be kept in .*\/file\/home$/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
