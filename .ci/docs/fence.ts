/**
 * The code blocks of a Markdown page. What stands after the language says what a test does with one:
 *
 * | fence | meaning |
 * |---|---|
 * | `sh` | commands that end by themselves |
 * | `sh foreground` | a command that runs until Ctrl+C |
 * | `sh eventually` | commands that print what is shown after them, once the mesh has caught up |
 * | `sh ci` | a command that `.ci/run` runs |
 * | `text` | what the commands before it print; `…` on a line stands for anything |
 * | `ts` | a module that type-checks |
 * | `ts name.ts` | the same, and the commands after it find it under that name |
 *
 * @module
 */

/** A code block. */
export interface Fence {
  language: string;
  /** The rest of the line that opens it. */
  info: string;
  code: string;
  /** Line of the page it opens on, from 1. */
  line: number;
}

/**
 * The code blocks of a page, in order.
 *
 * @throws {Error} When one is not closed, with its line.
 */
export function fences(markdown: string): Fence[] {
  const found: Fence[] = [];
  let open: { opening: string; line: number; code: string[] } | undefined;
  for (const [index, text] of markdown.split("\n").entries()) {
    if (open === undefined) {
      if (text.startsWith("```")) open = { opening: text.slice(3), line: index + 1, code: [] };
    } else if (text === "```") {
      const [language = "", ...info] = open.opening.trim().split(/\s+/);
      found.push({ language, info: info.join(" "), code: open.code.join("\n"), line: open.line });
      open = undefined;
    } else {
      open.code.push(text);
    }
  }
  if (open !== undefined) throw new Error(`the code block of line ${open.line} is not closed`);
  return found;
}

/**
 * The lines of a shown output that a real one lacks. Spacing, ports, ids and the order of lines do
 * not count.
 *
 * @param shown Text of a page; `…` on a line stands for anything.
 * @param real What the command printed.
 */
export function missingLines(shown: string, real: string): string[] {
  const lines = real.split("\n").map(normalized);
  return shown.split("\n").filter((line) => {
    const parts = normalized(line).split("…").map((part) => RegExp.escape(part.trim()));
    const pattern = new RegExp(`^${parts.join(".*")}$`);
    return line.trim() !== "" && line.trim() !== "…" && !lines.some((text) => pattern.test(text));
  });
}

function normalized(line: string): string {
  return line.trim().replace(/\s+/g, " ")
    .replace(/(localhost|127\.0\.0\.1):\d+/g, "$1:port")
    .replace(/-[0-9a-f]{8}\b/g, "-id");
}
