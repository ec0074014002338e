/**
 * The habits of vendors, listed for the page on them.
 *
 * @module
 */
import { HABITS } from "../../runtime/testing/habits.ts";

/** Returns every habit as an item of a Markdown list. */
export function habitsList(): string {
  return Object.entries(HABITS).map(([name, { vendor, does, leadsTo }]) => {
    const end = leadsTo === undefined ? "" : ` → \`${leadsTo}\``;
    return `- \`${name}\` (${vendor}): ${does}${end}\n`;
  }).join("");
}
