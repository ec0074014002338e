/**
 * Values as they are written in a module.
 *
 * @module
 */

/** A text in quotes. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A list of texts. */
export function quotedList(texts: readonly string[]): string {
  return `[${texts.map(quoted).join(", ")}]`;
}

/** The comment a module begins with; nothing in `text` can end it. */
export function moduleComment(text: string): string {
  const sentence = text.replaceAll("*/", "* /").replace(/\s+/g, " ").trim();
  return `/**\n${
    wrapped(sentence, 96).map((line) => ` * ${line}\n`).join("")
  } *\n * @module\n */\n`;
}

/**
 * Returns the first line of an agent's module: what its code may touch, and nothing that the runtime
 * does for it.
 */
export function shebang(hosts: readonly string[] = [], variables: readonly string[] = []): string {
  const flag = (name: string, items: readonly string[]) =>
    items.length === 0 ? "" : ` --${name}=${[...new Set(items)].join(",")}`;
  const flags = `${flag("allow-net", hosts)}${flag("allow-env", variables)}`;
  return `#!/usr/bin/env -S deno run --no-prompt${flags}\n`;
}

/** The line with an agent's port, or nothing when any will do. */
export function portLine(port: number | undefined): string {
  return port === undefined ? "" : `  port: ${port},\n`;
}

/** A text in lines of at most `width` characters, broken at blanks. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= width || line === "") {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line];
}
