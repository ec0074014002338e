/**
 * Versions of tools: lenient parsing and the order that breaks ties.
 *
 * The reference registry reads versions with Masterminds/semver v3, which is looser than npm's:
 * a leading `v`, missing parts and leading zeros are fine. Parts above 2^53 - 1 and texts above
 * 256 characters are not versions here.
 *
 * @module
 */
// The whole package is forty files, which each process of an agent would load.
// @ts-types="@types/semver/functions/parse"
import parse from "semver/functions/parse.js";

/** A version of three numbers, and what may follow them. */
export type SemVer = NonNullable<ReturnType<typeof parse>>;

/** Longest version or constraint that is parsed, in UTF-16 code units. */
export const MAX_VERSION_LENGTH = 256;

const LENIENT_VERSION = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * A version from its parts.
 *
 * @param prerelease With its leading `-`, or empty.
 * @returns `undefined` when a part is not a safe integer or the pre-release is malformed.
 */
export function versionOf(
  major: number,
  minor: number,
  patch: number,
  prerelease = "",
): SemVer | undefined {
  return parse(`${major}.${minor}.${patch}${prerelease}`) ?? undefined;
}

/**
 * Reads a version leniently. Build metadata is dropped: it has no rank.
 *
 * @returns `undefined` when the text is not a version.
 */
export function parseVersion(text: string): SemVer | undefined {
  if (text.length > MAX_VERSION_LENGTH) return undefined;
  const parts = LENIENT_VERSION.exec(text);
  if (parts === null) return undefined;
  const [, major, minor = "0", patch = "0", prerelease = ""] = parts;
  return versionOf(Number(major), Number(minor), Number(patch), prerelease);
}
