/**
 * Environment variables of the process, as far as it may read them.
 *
 * @module
 */
import { settingText } from "./file_text.ts";

/** Environment variables, as plain data. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Returns those of these variables that are set and that the process may read. */
export function readVariables(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = readable(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

function readable(name: string): string | undefined {
  // A script started directly has only the permissions of its own flags.
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  const value = state === "granted" ? Deno.env.get(name) : undefined;
  return value === undefined ? undefined : settingText(value);
}
