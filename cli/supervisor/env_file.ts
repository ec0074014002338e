/**
 * Files and options that set environment variables for agents.
 *
 * @module
 */
import { usageError } from "../exit.ts";

const ASSIGNMENT = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/;

/**
 * Variables that Deno, or the system on its behalf, reads before it runs anything: where modules
 * come from and are cached, what is loaded besides. A file in some folder may say what agents are to have, not what
 * runs them. Those that Deno reads for programs are let through.
 */
const STEERING =
  /^(?:DENO_(?!KV_ACCESS_TOKEN$|DEPLOYMENT_ID$|REGION$|ENV$)\w+|NODE_OPTIONS|NPM_CONFIG_\w+|npm_config_\w+|JSR_URL|LD_\w+|DYLD_\w+|HOME|USERPROFILE|LOCALAPPDATA|XDG_CACHE_HOME)$/;

function steering(name: string, place: string) {
  return usageError(
    `${place}: ${name} decides what Deno itself loads, and no file may`,
    `Take the line out; what is meant can be set where \`start\` is called: ${name}=…`,
  );
}

/**
 * Reads `KEY=VALUE` lines. Blank lines and lines that begin with `#` are skipped, `export ` is
 * accepted, quotes around a value are removed, and ` #` ends a value without quotes.
 *
 * @param file Its name, for errors.
 * @throws {CliError} exit 2 with file and line for a line that is no assignment, or sets a variable
 * that is not a file's to set.
 */
export function parseEnvFile(text: string, file: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const match = ASSIGNMENT.exec(line);
    const value = match === null ? undefined : unquote(match[2] ?? "");
    if (match?.[1] === undefined || value === undefined) {
      throw usageError(
        `${file}:${index + 1}: "${line}" is no KEY=VALUE line`,
        "Correct the line, or begin it with # to leave it out.",
      );
    }
    if (STEERING.test(match[1])) throw steering(match[1], `${file}:${index + 1}`);
    variables[match[1]] = value;
  }
  return variables;
}

/** The value without its quotes; `undefined` when they do not match up. */
function unquote(text: string): string | undefined {
  const quote = text.charAt(0);
  if (quote === "'") return /^'([^']*)'\s*(?:#.*)?$/.exec(text)?.[1];
  if (quote === '"') {
    return /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(text)?.[1]
      ?.replace(/\\(.)/g, (_, character) => character === "n" ? "\n" : character);
  }
  return text.replace(/\s+#.*$/, "");
}

/**
 * Reads the values of `--env`.
 *
 * @throws {CliError} exit 2 for one that is no assignment.
 */
export function parseEnvOptions(pairs: string[]): Record<string, string> {
  return Object.fromEntries(pairs.map((pair) => {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(pair);
    if (match === null) {
      throw usageError(
        `--env is "${pair}", which is no KEY=VALUE`,
        "Write it like --env KEY=VALUE.",
      );
    }
    return [match[1] ?? "", match[2] ?? ""];
  }));
}
