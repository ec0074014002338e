/**
 * The official conformance suite, run against a server.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const SUITE = fileURLToPath(new URL("./testdata/conformance_suite.ts", import.meta.url));

/** A check as the suite reports it. */
export interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

/** The failed checks of each scenario that ran. */
export async function failedChecks(url: string, revision: string): Promise<Map<string, Check[]>> {
  const folder = await Deno.makeTempDir();
  try {
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--allow-all", SUITE],
        ...["server", "--url", url, "--requirements", revision, "--output-dir", folder],
      ],
      // It looks for settings of its own there, and for nothing of ours.
      cwd: folder,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    const failed = new Map<string, Check[]>();
    for await (const { name } of Deno.readDir(folder)) {
      const scenario = name.match(/^server-(.+)-\d{4}-\d\d-\d\dT/)?.[1];
      if (scenario === undefined) continue;
      const checks: Check[] = JSON.parse(
        await Deno.readTextFile(`${folder}/${name}/checks.json`),
      );
      failed.set(scenario, checks.filter(({ status }) => status === "FAILURE"));
    }
    assert.ok(failed.size > 0, new TextDecoder().decode(stderr));
    return failed;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
