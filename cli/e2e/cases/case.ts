/**
 * Black-box cases of `meshctl`: a command line, and how it ends. Data only; `cases_test.ts` runs
 * every one, `case_table.ts` writes them into the README.
 *
 * @module
 */
import type { ExitCode } from "../../base/exit.ts";

/** What a stream must say: this text somewhere, a pattern, or nothing at all for `""`. */
export type Said = string | RegExp;

/** One command line, and how it ends. `<home>`, `<url>` and `<port>` stand for those of the mesh. */
export interface Case {
  /** After `meshctl`; quotes mean what they mean to a shell. */
  line: string;
  exit: ExitCode;
  /** @default not looked at */
  stdout?: Said;
  /** @default not looked at */
  stderr?: Said;
}

/** Cases that share a mesh. */
export interface CaseGroup {
  /** The command they are about. */
  command: string;
  /** Fixtures that are running, with a registry; none at all when absent. */
  agents?: string[];
  /** Files in the folder that the commands run in, and what they contain. */
  files?: Record<string, string>;
  /** Each case needs what the one before has done. @default {false} they run side by side */
  inOrder?: boolean;
  cases: Case[];
}
