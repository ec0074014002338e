/**
 * Sizes in bytes as people and other systems write them.
 *
 * @module
 */

const FACTORS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3 };

/**
 * Reads a size: bytes (`536870912`) or with a unit, of 1,024 (`512MiB`, Kubernetes' `512Mi`) or of 1,000
 * (`512MB`).
 *
 * @returns Bytes; `undefined` when the text is not a size.
 */
export function byteSize(text: string): number | undefined {
  const [, number, letter = "", binary] =
    /^\s*(\d+(?:\.\d+)?)\s*(?:([kmg])(?:(ib?)|b)|b)?\s*$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const bytes = Number(number) *
    (binary === undefined ? 1_000 : 1_024) ** (FACTORS[letter.toLowerCase()] ?? 0);
  return Number.isSafeInteger(Math.floor(bytes)) ? Math.floor(bytes) : undefined;
}
