/**
 * The names nearest to one that does not exist.
 *
 * @module
 */

/** How many names are worth showing. */
const LIMIT = 3;

/**
 * The known names a mistyped one may have meant, best first: those that contain it or are
 * contained in it, then those within a few edits.
 *
 * @param wanted What was typed.
 * @param known What exists; duplicates are shown once.
 */
export function suggest(wanted: string, known: Iterable<string>): string[] {
  const target = wanted.toLowerCase();
  const scored = [...new Set(known)].flatMap((name): { name: string; score: number }[] => {
    const candidate = name.toLowerCase();
    const distance = editDistance(target, candidate);
    const contains = target.length >= 2 &&
      (candidate.includes(target) || target.includes(candidate));
    const reach = Math.max(2, Math.floor(Math.max(target.length, candidate.length) / 3));
    if (!contains && distance > reach) return [];
    return [{ name, score: contains ? Math.min(distance, reach) : distance }];
  });
  scored.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
  return scored.slice(0, LIMIT).map(({ name }) => name);
}

/**
 * A sentence that offers the nearest names.
 *
 * @returns `undefined` when nothing is near.
 */
export function didYouMean(wanted: string, known: Iterable<string>): string | undefined {
  const names = suggest(wanted, known);
  return names.length === 0 ? undefined : `Did you mean ${listNames(names)}?`;
}

function listNames(names: string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

/** How many single-character insertions, deletions, replacements or swaps turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    rows.push(line);
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] &&
        a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, at(row - 2, column - 2) + 1);
      line.push(best);
    }
  }
  return at(a.length, b.length);
}
