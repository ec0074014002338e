/**
 * All attempts, in the order in which they are made: what leaves nothing behind comes first.
 *
 * @module
 */
import type { Attempt } from "./attempt.ts";
import { ENVIRONMENT } from "./environment.ts";
import { FILES } from "./files.ts";
import { FLOODS_ALL, MEMORY_ALL } from "./floods.ts";
import { FRAMES_FORGED } from "./frames.ts";
import { IMPORTS } from "./imports.ts";
import { INTERNALS } from "./internals.ts";
import { LINKS } from "./links.ts";
import { MESSAGES_FORGED } from "./messages.ts";
import { NETWORK } from "./network.ts";
import { PACKAGES } from "./packages.ts";
import { LAST, PROCESSES } from "./processes.ts";
import { STDIO } from "./stdio.ts";
import { STORAGE } from "./storage.ts";
import { WORKERS } from "./workers.ts";

/** All attempts. */
export const ATTEMPTS: readonly Attempt[] = [
  ...[FILES, LINKS, ENVIRONMENT, IMPORTS, NETWORK, STORAGE, PACKAGES, STDIO],
  ...[INTERNALS, WORKERS, PROCESSES, MESSAGES_FORGED, FRAMES_FORGED, FLOODS_ALL, MEMORY_ALL, LAST],
].flat();
