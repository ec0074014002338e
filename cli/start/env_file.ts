/**
 * Files and options that set environment variables for agents.
 *
 * @module
 */
import { withoutMark, withPlainEnds } from "../../runtime/base/file_text.ts";
import { usageError } from "../base/exit.ts";

const ASSIGNMENT = /(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*/y;
const QUOTES: ReadonlySet<string> = new Set(["'", '"', "`"]);

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
 * Reads `KEY=VALUE` lines as `--env-file` of Deno and Node and as dotenv do. Blank lines and lines that
 * begin with `#` are skipped, and `export ` is accepted. A value in single, double or back quotes may
 * have several lines, and in double quotes `\n` is one more; ` #` ends a value without quotes. Unlike
 * there, a `#` without a blank before it is part of the value, as in a password.
 *
 * @param file Its name, for errors.
 * @throws {CliError} exit 2 with file and line for a line that is no assignment, or sets a variable
 * that is not a file's to set. The line is not shown: it may be part of a secret.
 */
export function parseEnvFile(text: string, file: string): Record<string, string> {
  const variables: [string, string][] = [];
  const source = withPlainEnds(withoutMark(text));
  for (let at = skipped(source, 0); at < source.length;) {
    ASSIGNMENT.lastIndex = at;
    const [assignment, name] = ASSIGNMENT.exec(source) ?? [];
    if (assignment === undefined || name === undefined) {
      const line = source.slice(0, at).split("\n").length;
      throw usageError(
        `${file}:${line}: this line is no KEY=VALUE line`,
        "Correct it, put a value of several lines in quotes, or begin it with # to leave it out.",
      );
    }
    if (STEERING.test(name)) {
      throw steering(name, `${file}:${source.slice(0, at).split("\n").length}`);
    }
    const { value, end } = valueAt(source, at + assignment.length);
    variables.push([name, value]);
    at = skipped(source, end);
  }
  return Object.fromEntries(variables);
}

/** Where the next line begins that says something. */
function skipped(text: string, at: number): number {
  const nothing = /(?:\s|#[^\n]*)*/y;
  nothing.lastIndex = at;
  nothing.test(text);
  return nothing.lastIndex;
}

interface Value {
  readonly value: string;
  /** Where its last line ends. */
  readonly end: number;
}

function valueAt(text: string, start: number): Value {
  const quote = text.charAt(start);
  const close = QUOTES.has(quote) ? closing(text, start) : -1;
  if (close === -1) {
    const end = lineEnd(text, start);
    return { value: text.slice(start, end).replace(/(?:^|\s)#.*$/, "").trim(), end };
  }
  const value = text.slice(start + 1, close);
  const end = lineEnd(text, close);
  return { value: quote === '"' ? value.replaceAll("\\n", "\n") : value, end };
}

/**
 * Returns where the quote that begins a value is closed; -1 when it is not. Others like it may stand
 * within the value, if the last one ends the line: `"say "hello""`.
 */
function closing(text: string, start: number): number {
  const quote = text.charAt(start);
  let first = text.indexOf(quote, start + 1);
  const any = first;
  while (first !== -1 && text[first - 1] === "\\") first = text.indexOf(quote, first + 1);
  if (first === -1) return any;
  const end = lineEnd(text, first);
  const isOver = (at: number) => /^[ \t]*(?:#.*)?$/.test(text.slice(at + 1, end));
  const last = text.lastIndexOf(quote, end - 1);
  return !isOver(first) && isOver(last) ? last : first;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}

/**
 * Reads the values of `--env`.
 *
 * @throws {CliError} exit 2 for one that is no assignment.
 */
export function parseEnvOptions(pairs: string[]): Record<string, string> {
  return Object.fromEntries(pairs.map((pair) => {
    const match = /^([\w.-]+)=(.*)$/s.exec(pair);
    if (match === null) {
      throw usageError(
        `--env is "${pair}", which is no KEY=VALUE`,
        "Write it like --env KEY=VALUE.",
      );
    }
    return [match[1] ?? "", match[2] ?? ""];
  }));
}
