/**
 * Media types as headers name them (RFC 9110 §8.3.1, §12.5.1): letter case and parameters aside.
 *
 * @module
 */

/** Returns the media type of a `Content-Type` header, in lower case and without parameters. */
export function mediaType(contentType: string | null): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Tells whether a `Content-Type` header says that a body is a stream of Server-Sent Events. */
export function isEventStream(contentType: string | null): boolean {
  return mediaType(contentType) === "text/event-stream";
}

/**
 * Tells whether an `Accept` header takes a media type: the most specific range that fits decides, and takes
 * it unless its weight is 0. A request without the header takes anything.
 *
 * @param type In lower case.
 */
export function accepts(accept: string | null, type: string): boolean {
  if (accept === null || accept.trim() === "") return true;
  const [kind] = type.split("/", 1);
  // From the least specific to the most specific.
  const ranges = ["*/*", `${kind}/*`, type];
  let [said, taken] = [-1, false];
  for (const { range, weight } of rangesOf(accept)) {
    const says = ranges.indexOf(range);
    if (says < said || says === -1) continue;
    taken = says > said ? weight > 0 : taken || weight > 0;
    said = says;
  }
  return taken;
}

interface Range {
  readonly range: string;
  readonly weight: number;
}

function rangesOf(accept: string): Range[] {
  // A quoted parameter may hold commas and semicolons.
  const plain = accept.replace(/"(?:[^"\\]|\\.)*"/g, "");
  return plain.split(",").map((item) => {
    const [range = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.map((parameter) => /^q\s*=\s*(.*)$/.exec(parameter)?.[1])
      .find((value) => value !== undefined);
    // Java's own client writes "*" for what is "*/*".
    return { range: range === "*" ? "*/*" : range, weight: weightOf(weight) };
  });
}

/** Returns a weight; one that is absent or cannot be read is 1. */
function weightOf(text: string | undefined): number {
  const weight = text === undefined || text === "" ? 1 : Number(text);
  return Number.isNaN(weight) ? 1 : weight;
}
