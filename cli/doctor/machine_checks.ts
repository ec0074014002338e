/**
 * Whether this machine can run a mesh: Deno, the folder of the state, the disk.
 *
 * @module
 */
import { mkdtemp, rmdir, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { existsSync, statSync } from "node:fs";
import { meshHome } from "../machine/home.ts";
import { openPlaces } from "../machine/private_home.ts";
import { shellWord } from "../output/shell_word.ts";
import type { Finding } from "./finding.ts";

/** The oldest Deno that runs all of this. */
const DENO = { major: 2, minor: 9 };

/** Below this much free space, bytes, the database may fill the disk; below a tenth, it will. */
const FREE_BYTES = 1024 ** 3;

/** Whether a version of Deno is new enough. */
export function denoFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isNew = major > DENO.major || (major === DENO.major && minor >= DENO.minor);
  if (isNew) return { check: "deno", level: "ok", text: `Deno ${version}` };
  return {
    check: "deno",
    level: "failure",
    text: `Deno ${version} is too old: ${DENO.major}.${DENO.minor} or newer is needed`,
    fix: "deno upgrade",
  };
}

/**
 * Whether the state can be written, and how much room there is for it.
 *
 * @param root Absolute folder of the state; it need not be there yet.
 * @param refusal The system's code for why this process cannot write into a folder; `undefined` when
 * it can.
 */
export async function homeFindings(root: string, refusal = writeRefusal): Promise<Finding[]> {
  let folder = root;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  if (!statSync(folder).isDirectory()) {
    return [{
      check: "home",
      level: "failure",
      text: `${folder} is no folder, and all state is to be kept in ${root}`,
      fix: `mv ${shellWord(folder)} ${shellWord(`${folder}.old`)}`,
    }];
  }
  const refused = await refusal(folder);
  if (refused !== undefined) return [refusedFinding(refused, folder, root)];
  const { bavail, bsize } = await statfs(folder);
  return [await keptFinding(root), diskFinding(bavail * bsize, folder)];
}

/** Whether only this user gets at the state. */
async function keptFinding(root: string): Promise<Finding> {
  const open = await openPlaces(meshHome(root));
  if (open.length === 0) return { check: "home", level: "ok", text: `state is kept in ${root}` };
  return {
    check: "home",
    level: "warning",
    text: `other users of this machine can read what is kept in ${root}; the next start closes it`,
    fix: `chmod -R go= ${open.map(shellWord).join(" ")}`,
  };
}

async function writeRefusal(folder: string): Promise<string | undefined> {
  try {
    // Tried, not asked: the rights of a folder say nothing of a disk that is mounted read-only.
    await rmdir(await mkdtemp(join(folder, ".meshctl-")));
    return undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "EACCES";
  }
}

/** Why the state cannot be kept: `code` is what the system says of `folder`. */
function refusedFinding(code: string, folder: string, root: string): Finding {
  const failure = { check: "home", level: "failure" } as const;
  const elsewhere = "or set MCP_MESH_HOME to a folder on another disk";
  if (code === "EROFS") {
    return {
      ...failure,
      text: `${root} is on a file system that is mounted read-only, and all state is kept there: ` +
        `mount it for writing, ${elsewhere}`,
      fix: `sudo mount -o remount,rw "$(df -P ${shellWord(folder)} | sed -n '$s/.*% *//p')"`,
    };
  }
  if (code === "ENOSPC" || code === "EDQUOT") {
    return {
      ...failure,
      text: `no space is left for ${root}, and all state is kept there: free some, ${elsewhere}`,
      fix: largestFirst(folder),
    };
  }
  const own = `sudo chown -R "$(id -un)" ${shellWord(root)}`;
  return {
    ...failure,
    text: `${root} cannot be written, and all state is kept there`,
    // What is above it may be everybody's.
    fix: folder === root ? own : `sudo mkdir -p ${shellWord(root)} && ${own}`,
  };
}

/** The command that shows what fills a disk. */
function largestFirst(folder: string): string {
  return `du -xk ${shellWord(folder)} | sort -n | tail`;
}

/** Whether there is room: `free` bytes of it. */
export function diskFinding(free: number, folder: string): Finding {
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free in ${folder}`;
  const level = free < FREE_BYTES / 10 ? "failure" : free < FREE_BYTES ? "warning" : "ok";
  return {
    check: "disk",
    level,
    text,
    ...(level === "ok" ? {} : { fix: largestFirst(folder) }),
  };
}
