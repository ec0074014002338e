/**
 * Secrets that a request shows as `Authorization: Bearer …` (RFC 6750).
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Answered } from "./answered.ts";
import { problem } from "./problem.ts";

/** Whether a request shows one of these secrets. */
export function showsToken(
  { headers }: Pick<Request, "headers">,
  tokens: readonly string[],
): boolean {
  const shown = /^Bearer +(.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  // Each is compared, so that time does not tell which one is nearly right.
  return shown !== undefined && tokens.filter((token) => isSameSecret(shown, token)).length > 0;
}

/** The answer to a request that shows none. */
export function tokenWanted(message: string): Answered<401> {
  return problem(401, message, { "WWW-Authenticate": 'Bearer realm="mesh registry"' });
}

/** Compares without telling by the time it takes how much of it is right. */
function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
