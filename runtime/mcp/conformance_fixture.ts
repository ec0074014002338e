/**
 * The official conformance suite, run against a server or a client.
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

/** A scenario with which the suite judges clients. */
export interface ClientScenario {
  readonly name: string;
  /** Revisions of the protocol it is for; `extension` for none in particular. */
  readonly revisions: readonly string[];
}

/** The failed checks of each scenario that ran against a server. */
export async function failedChecks(url: string, revision: string): Promise<Map<string, Check[]>> {
  return await inFolder(async (folder) => {
    const args = ["server", "--url", url, "--requirements", revision, "--output-dir", folder];
    const { errors } = await suite(args, folder);
    const failed = new Map<string, Check[]>();
    for await (const { name } of Deno.readDir(folder)) {
      const scenario = name.match(/^server-(.+)-\d{4}-\d\d-\d\dT/)?.[1];
      if (scenario === undefined) continue;
      const checks = await checksIn(`${folder}/${name}`);
      failed.set(scenario, checks.filter(({ status }) => status === "FAILURE"));
    }
    assert.ok(failed.size > 0, errors);
    return failed;
  });
}

/** All scenarios there are for clients. */
export async function clientScenarios(): Promise<ClientScenario[]> {
  return await inFolder(async (folder) => {
    const { output } = await suite(["list", "--client"], folder);
    return [...output.matchAll(/^ {2}- (\S+) \[(.+)\]$/gm)].map((
      [, name = "", revisions = ""],
    ) => ({
      name,
      revisions: revisions.split(","),
    }));
  });
}

/**
 * What a client did not do as a scenario wants it, and how many things it did.
 *
 * @param command Runs the client; the suite adds the URL of its server. Words are parted at spaces.
 */
export async function clientChecks(
  { name }: ClientScenario,
  revision: string,
  command: string,
): Promise<{ readonly passed: number; readonly failed: readonly Check[] }> {
  return await inFolder(async (folder) => {
    const { code, errors } = await suite([
      ...["client", "--scenario", name, "--spec-version", revision, "--command", command],
      // Extensions are of no revision; this one is to be spoken.
      ...["--force", "--output-dir", folder],
    ], folder);
    const results = await Array.fromAsync(resultsIn(folder, name));
    const checks = (await Promise.all(results.map(checksIn))).flat();
    const of = (...statuses: string[]) => checks.filter(({ status }) => statuses.includes(status));
    const failed = of("FAILURE", "WARNING");
    // A client that broke down leaves checks open that nobody misses.
    if (code !== 0 && failed.length === 0) assert.fail(errors);
    return { passed: of("SUCCESS").length, failed };
  });
}

/** Folders with results; a scenario with a slash in its name has one within another. */
async function* resultsIn(folder: string, scenario: string): AsyncGenerator<string> {
  const parent = `${folder}/${scenario}`.slice(0, `${folder}/${scenario}`.lastIndexOf("/"));
  for await (const { name } of Deno.readDir(parent)) yield `${parent}/${name}`;
}

async function checksIn(folder: string): Promise<Check[]> {
  return JSON.parse(await Deno.readTextFile(`${folder}/checks.json`));
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The end of a run of the suite. */
interface Run {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Longest run of the suite, in milliseconds. */
const RUN_MS = 180_000;

/**
 * Runs the suite. Deno 2.9.6 now and then stops for good while it loads the packages of the suite from a
 * cache that others fill at the same time; a run that has not said a word by the end is made once more.
 */
async function suite(args: readonly string[], cwd: string): Promise<Run> {
  const run = await runOf(args, cwd);
  const isMute = run.output + run.errors === "" && run.code !== 0;
  return isMute ? await runOf(args, cwd) : run;
}

async function runOf(args: readonly string[], cwd: string): Promise<Run> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", SUITE, ...args],
    // It looks for settings of its own there, and for nothing of ours.
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(RUN_MS),
  }).output();
  const text = new TextDecoder();
  return { code, output: text.decode(stdout), errors: text.decode(stderr) };
}
