/**
 * What the operating system refuses, and what its user can do about it.
 *
 * @module
 */

const ELSEWHERE = "set MCP_MESH_HOME to a folder";

/** By the code that the system gives. */
const ADVICE: Readonly<Record<string, string>> = {
  EACCES: `Allow it, or ${ELSEWHERE} of yours.`,
  EDQUOT: `Free some space, or ${ELSEWHERE} on another disk.`,
  EIO: "Look at the disk or the terminal; it does not take what is written.",
  EMFILE: "Let this user open more files: ulimit -n 4096.",
  ENFILE: "Too many files are open on this machine; end some programs.",
  ENOSPC: `Free some space, or ${ELSEWHERE} on another disk.`,
  ENOTDIR: `Part of the path is a file; correct it, or ${ELSEWHERE}.`,
  EPERM: `Allow it, or ${ELSEWHERE} of yours.`,
  EROFS: `Make it writable, or ${ELSEWHERE} that is.`,
};

/** A refusal of the system, told. */
export interface SystemProblem {
  /** What it said, with the path. */
  message: string;
  /** What can be done. */
  advice: string;
}

/** The refusal that `error` is; `undefined` for one that only its program can have caused. */
export function systemProblem(error: unknown): SystemProblem | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") {
    return undefined;
  }
  const advice = Object.hasOwn(ADVICE, error.code) ? ADVICE[error.code] : undefined;
  return advice === undefined ? undefined : { message: error.message, advice };
}
