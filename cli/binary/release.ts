/**
 * Unpacks the release that a program of one file carries, at its first run.
 *
 * @module
 */
import { errorText } from "../../runtime/base/errors.ts";
import { homeFolder, processEnvironment } from "../settings/config.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { releaseFolder } from "../settings/runtime_location.ts";
import { systemProblem } from "../base/system_problem.ts";
import { unpackArchive } from "./archive.ts";
import { unpackInto } from "./unpack.ts";

/**
 * Unpacks a release into this user's folder of state, unless it is there.
 *
 * @param release Version and hash, such as `0.1.0-3f9a68577fb4`.
 * @param archive Reads the archive; called only when it is needed.
 * @returns The absolute folder it is in.
 * @throws {CliError} when there is no such folder, or it cannot be written.
 */
export function provideRelease(release: string, archive: () => Uint8Array): string {
  const folder = releaseFolder(homeFolder(processEnvironment(), Deno.cwd()), release);
  try {
    unpackInto(folder, () => unpackArchive(archive()));
  } catch (cause) {
    const reason = errorText(cause);
    throw new CliError(EXIT.failure, `meshctl cannot unpack itself into ${folder}: ${reason}`, {
      hint: systemProblem(cause)?.advice ?? "Set MCP_MESH_HOME to a folder that can be written.",
      cause,
    });
  }
  return folder;
}
