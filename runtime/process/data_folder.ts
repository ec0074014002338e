/**
 * The folder that an agent's code may keep files in. It is named for the agent, and belongs to the
 * module whose files are in it: another module that takes the name does not get them. Which module
 * that is stands in a file beside the folder, where agent code cannot write.
 *
 * @module
 */
import { dirname, join } from "node:path";
import * as z from "zod";
import { errorText, MeshError } from "../base/errors.ts";

/** The file beside a folder. */
const OwnerSchema = z.object({
  /** What the agent is made of: the path of its module. */
  module: z.string(),
});

/** The folder of an agent of another name. */
export function folderOf(name: string, { beside }: { readonly beside: string }): string {
  return join(dirname(beside), name);
}

/**
 * Returns the paths around folders of agents that are there now: the folders of other agents, and the
 * files that say whose each is.
 *
 * @param any The folder that an agent may have, of any name.
 * @param own The one that the agent has.
 */
export function besideFolder(any: string, own: string | undefined): string[] {
  const folder = dirname(any);
  const isOther = (path: string) => path !== own;
  return [...new Set([folder, realPath(folder)])].flatMap((each) =>
    namesIn(each).filter((name) => isOther(join(folder, name))).map((name) => join(each, name))
  );
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    // No agent has had a folder yet.
    return [];
  }
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    // It is not there, so nothing is in it.
    return path;
  }
}

/** Whether a module may have a folder: it is its own, or there is nothing in it. */
export function mayHave(folder: string, module: string): boolean {
  const owner = ownerOf(folder);
  return owner === undefined || owner === module || isEmpty(folder);
}

/**
 * Makes a folder a module's own, and makes the folder.
 *
 * @param name The agent's, for the error.
 * @throws {MeshError} `bad_config` when it belongs to another module, or cannot be made.
 */
export function takeFolder(folder: string, module: string, name: string): void {
  if (!mayHave(folder, module)) {
    throw new MeshError(
      "bad_config",
      `the data of agent "${name}", in ${folder}, belongs to ${ownerOf(folder)}, and this is ` +
        `${module}. If the module has moved, hand the data over: rm '${ownerFile(folder)}'; ` +
        "else give this agent another name.",
    );
  }
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const draft = `${ownerFile(folder)}.${Deno.pid}.tmp`;
    Deno.writeTextFileSync(draft, JSON.stringify({ module }), { mode: 0o600 });
    Deno.renameSync(draft, ownerFile(folder));
  } catch (cause) {
    const reason = errorText(cause);
    throw new MeshError("bad_config", `the data folder ${folder} cannot be made: ${reason}`, {
      cause,
    });
  }
}

function ownerFile(folder: string): string {
  return `${folder}.json`;
}

function ownerOf(folder: string): string | undefined {
  try {
    return OwnerSchema.parse(JSON.parse(Deno.readTextFileSync(ownerFile(folder)))).module;
  } catch {
    // No module has had it yet, or its user has handed it over.
    return undefined;
  }
}

function isEmpty(folder: string): boolean {
  try {
    return Deno.readDirSync(folder)[Symbol.iterator]().next().done === true;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}
