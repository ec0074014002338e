/**
 * Command lines that edit a module where it is. They are of Perl, which Linux and macOS have: the two
 * `sed` there understand `-i` differently, and one of them cannot insert a line this way. Pure.
 *
 * @module
 */
import { shellWord } from "../output/shell_word.ts";

/**
 * The command that makes a module import another specifier, in whichever quotes it is.
 *
 * @param path As the shell finds it, unquoted.
 */
export function importCommand(path: string, from: string, to: string): string {
  return edit(`s#(["\\x27])${literal(from)}\\1#$1${literal(to)}$1#`, path);
}

/**
 * The command that adds flags to the first line of a module, whose end stays as it is.
 *
 * @param flags As `missingFlags()` writes them.
 */
export function flagsCommand(path: string, flags: string[]): string {
  return edit(`s/[ \\t]*(?=[\\r\\n]|\\z)/ ${flags.map(literal).join(" ")}/ if $. == 1`, path);
}

/**
 * The command that gives a module a first line with these flags, which ends as its others do. A byte
 * order mark stays where it belongs.
 */
export function firstLineCommand(path: string, flags: string[]): string {
  const line = `#!/usr/bin/env -S deno run ${flags.map(literal).join(" ")}`;
  const end = '(/(\\r\\n?)/ ? $1 : "\\n")';
  return edit(
    `if ($. == 1) { my $end = ${end}; s{^(\\xef\\xbb\\xbf)?}{($1 // "") . "${line}" . $end}e }`,
    path,
  );
}

function edit(expression: string, path: string): string {
  return `perl -pi -e '${expression}' ${shellWord(path)}`;
}

/** Text that means itself in Perl's patterns, replacements and strings. */
function literal(text: string): string {
  return text.replace(/[^\w\-/=:, ]/g, "\\$&");
}
