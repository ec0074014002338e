/**
 * Where an MCP server is: at a URL, or behind a command that is started and spoken to over its
 * standard streams.
 *
 * @module
 */
import { MeshError } from "../base/errors.ts";

/** An OAuth client, as the authorization server of an MCP server knows it. */
export type ClientCredentials =
  & {
    readonly clientId: string;
    /** The authorization server that knows it, by its issuer identifier; no other gets to see this. */
    readonly issuer: string;
    /** What is asked for, separated by spaces. @default what the MCP server says is needed */
    readonly scope?: string;
  }
  & (
    | { readonly clientSecret: string; readonly privateKey?: never; readonly algorithm?: never }
    /** A key as PEM, and the algorithm it signs with, such as `ES256` (RFC 7523). */
    | { readonly privateKey: string; readonly algorithm: string; readonly clientSecret?: never }
  );

/** An MCP server that is reached over HTTP. */
export interface HttpTarget {
  /** What it is called in messages: nothing secret. */
  readonly text: string;
  readonly url: URL;
  /** Sent with every request, and never shown. */
  readonly headers: Headers;
  /** What to get access tokens with; never shown. */
  readonly credentials: ClientCredentials | undefined;
}

/** An MCP server that is started. */
export interface CommandTarget {
  /** What it is called in messages: nothing it gets by variables. */
  readonly text: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Variables it gets beside {@linkcode INHERITED}; never shown. */
  readonly env: Readonly<Record<string, string>>;
  /** Its working folder; the agent's own when absent. */
  readonly cwd: string | undefined;
}

/** An MCP server. */
export type Target = HttpTarget | CommandTarget;

/** What {@linkcode targetOf} reads. */
export interface TargetDefinition {
  readonly name: string;
  readonly url?: string | URL | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly credentials?: ClientCredentials | undefined;
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** The URL or command line as messages may show it. */
  readonly label?: string | undefined;
}

/** Variables that every started server inherits: what clients of stdio servers agree on. */
export const INHERITED = ["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"] as const;

/**
 * The server a definition means.
 *
 * @throws {MeshError} `bad_definition` for one with a URL and a command, with neither, with what
 * belongs to the other kind, with two ways to be let in, or with a URL or header that cannot be used.
 */
export function targetOf(definition: TargetDefinition): Target {
  const { name, url, headers, credentials, command, args = [], env, cwd, label } = definition;
  if ((url === undefined) === (command === undefined)) {
    throw new MeshError(
      "bad_definition",
      `MCP server "${name}" has ${url === undefined ? "no" : "a"} url and ${
        command === undefined ? "no" : "a"
      } command; give it one of the two`,
    );
  }
  if (url !== undefined) {
    refuse(name, "url", { args: definition.args, env, cwd });
    const found = httpUrl(name, url);
    const text = label ?? `${found.origin}${found.pathname}`;
    const sent = headersOf(name, headers);
    if (credentials !== undefined && sent.has("authorization")) {
      throw new MeshError(
        "bad_definition",
        `MCP server "${name}" has credentials and a header "authorization"; leave one of them out`,
      );
    }
    return { text, url: found, headers: sent, credentials };
  }
  refuse(name, "command", { headers, credentials });
  if (command === undefined || command.trim() === "") {
    throw new MeshError("bad_definition", `MCP server "${name}" has an empty command; name one`);
  }
  return { text: commandText(label ?? lineOf(command, args)), command, args, env: env ?? {}, cwd };
}

function refuse(name: string, kind: string, members: Record<string, unknown>): void {
  for (const [member, value] of Object.entries(members)) {
    if (value === undefined) continue;
    throw new MeshError(
      "bad_definition",
      `MCP server "${name}" has a ${kind}, to which ${member} means nothing; leave ${member} out`,
    );
  }
}

function httpUrl(name: string, given: string | URL): URL {
  const url = URL.canParse(String(given)) ? new URL(given) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new MeshError(
    "bad_definition",
    `MCP server "${name}" has url ${JSON.stringify(String(given))}; use one like https://host/mcp`,
  );
}

function headersOf(name: string, given: Readonly<Record<string, string>> = {}): Headers {
  const headers = new Headers();
  for (const [header, value] of Object.entries(given)) {
    try {
      headers.set(header, value);
    } catch {
      // Without the cause, which may quote the value, which may be a secret.
      throw new MeshError(
        "bad_definition",
        `MCP server "${name}" has a header ${JSON.stringify(header)} that cannot be sent`,
      );
    }
  }
  return headers;
}

/** Whether a target is a command. */
export function isCommand(target: Target): target is CommandTarget {
  return "command" in target;
}

function commandText(line: string): string {
  return `the command "${line}"`;
}

function lineOf(command: string, args: readonly string[]): string {
  return [command, ...args].map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)
    .join(" ");
}
