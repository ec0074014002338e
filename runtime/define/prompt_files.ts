/**
 * Prompt files: where they are, and reading them. On the trusted side, so that agent code needs no
 * permission to read its own prompts; which is why nothing else may be read this way.
 *
 * @module
 */
import { extname, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { errorText, MeshError } from "../base/errors.ts";
import { fileText, withPlainEnds } from "../base/file_text.ts";

/** The text of prompt files, by URL. */
export type PromptSources = ReadonlyMap<string, string>;

const FILE = "file://";
/** What a prompt file may end in: text for a model, not whatever else stands beside an agent. */
const ENDINGS: ReadonlySet<string> = new Set([".njk", ".jinja", ".j2", ".md", ".txt"]);
/** Largest prompt file, in bytes. */
const LARGEST = 1024 * 1024;
/** A tag that names another template literally. */
const REFERENCE = /\{%-?\s*(?:include|extends|import|from)\s+(["'])(.+?)\1/g;

/**
 * The URL of the prompt file that `system` refers to, or `undefined` when it is the prompt itself.
 *
 * @param declaredBy The function a module declares it with: the file is in the folder of that module.
 * @throws {MeshError} `bad_definition` when the file would be elsewhere.
 */
export function promptFile(
  system: string,
  declaredBy: (...parameters: never[]) => unknown,
): string | undefined {
  if (!system.startsWith(FILE)) return undefined;
  const module = callerOf(declaredBy);
  if (module === undefined) {
    throw new MeshError("bad_definition", `${system} is in the folder of no module on this disk`);
  }
  // `file:///…` is a whole URL, as `import.meta.resolve()` makes them.
  const reference = system.slice(FILE.length);
  const { href } = new URL(reference.startsWith("/") ? system : reference, module);
  const folder = new URL(".", module).href;
  if (!href.startsWith(folder)) {
    throw new MeshError(
      "bad_definition",
      `prompt file ${system} is not in ${fileURLToPath(folder)}`,
    );
  }
  return href;
}

/** The module that called `callee`, if it is a file. */
function callerOf(callee: (...parameters: never[]) => unknown): string | undefined {
  const at = { stack: "" };
  Error.captureStackTrace(at, callee);
  return /file:\/\/[^\s()]*?(?=:\d+:\d+)/.exec(at.stack)?.[0];
}

/** The URL of a prompt file that another one refers to. */
export function resolvePrompt(from: string, reference: string): string {
  return new URL(reference, from).href;
}

/**
 * Reads prompt files and all they include.
 *
 * @param files Their URLs.
 * @param root The folder they must be in, links followed; anywhere when absent.
 * @throws {MeshError} `bad_definition`, with the file and what is wrong with it.
 */
export function readPrompts(files: readonly string[], root?: string): PromptSources {
  const sources = new Map<string, string>();
  const read = (file: string, from: string | undefined) => {
    if (sources.has(file)) return;
    const text = readPrompt(file, root, from);
    sources.set(file, text);
    for (const [, , reference = ""] of text.matchAll(REFERENCE)) {
      read(resolvePrompt(file, reference), file);
    }
  };
  for (const file of files) read(file, undefined);
  return sources;
}

function readPrompt(file: string, root: string | undefined, from: string | undefined): string {
  const path = pathOf(file);
  const refuse = (reason: string, cause?: unknown) =>
    new MeshError(
      "bad_definition",
      `prompt file ${path} ${reason}${from === undefined ? "" : `; ${pathOf(from)} includes it`}`,
      { cause },
    );
  if (!ENDINGS.has(extname(path))) {
    throw refuse(`is no prompt: its name must end in ${[...ENDINGS].join(", ")}`);
  }
  try {
    if (root !== undefined && leadsOut(root, path)) {
      throw refuse(`is not in the agent's folder, ${root}`);
    }
    if (Deno.statSync(path).size > LARGEST) throw refuse(`is larger than ${LARGEST} bytes`);
    return withPlainEnds(fileText(Deno.readFileSync(path)));
  } catch (error) {
    if (error instanceof MeshError) throw error;
    throw refuse(
      error instanceof Deno.errors.NotFound
        ? "does not exist"
        : `cannot be read: ${errorText(error)}`,
      error,
    );
  }
}

/** Whether `path` leads out of `root`, links followed. */
function leadsOut(root: string, path: string): boolean {
  return relative(Deno.realPathSync(root), Deno.realPathSync(path)).startsWith(`..${sep}`);
}

function pathOf(file: string): string {
  return file.startsWith("file:") ? fileURLToPath(file) : file;
}
