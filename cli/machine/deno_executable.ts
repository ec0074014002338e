/**
 * The program behind the word `deno`. A running Deno may start another process only under the path
 * that it calls its own, which is neither that of a link to it nor of a script that npm has put on
 * `PATH`.
 *
 * @module
 */

/**
 * Returns the path that the Deno behind a command calls its own.
 *
 * @param command Path of `deno`, or its name.
 * @returns The command itself when it cannot be run; starting it says why.
 */
export function denoExecutable(command: string): string {
  if (command === Deno.execPath()) return command;
  try {
    const { success, stdout } = new Deno.Command(command, {
      args: ["eval", "--quiet", "--no-lock", "--print", "Deno.execPath()"],
      env: { NO_COLOR: "1" },
      stdin: "null",
      stderr: "null",
    }).outputSync();
    return success ? new TextDecoder().decode(stdout).trim() : command;
  } catch {
    // There is none.
    return command;
  }
}
