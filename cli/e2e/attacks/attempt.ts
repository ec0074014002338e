/**
 * Attempts of agent code to touch what is not its own, as data. Each is the body of a function that
 * runs in the attacker, and counts as harm
 *
 * - when it returns something: it got what it wanted;
 * - when its answer, or a request to the canary, holds a secret or the mark of the attempt;
 * - when the process of the runtime, the neighbour or the registry ends or stops answering;
 * - when a log has control characters, or a line that the attacker made up.
 *
 * What a body throws is a refusal.
 *
 * @module
 */

/** A kind of permission that, granted as a whole, plainly permits an attempt. */
export type Need = "read" | "write" | "net";

/** The ways to keep agent code apart from everything else. */
export type Isolation = "worker" | "process";

/** Everything that an attempt is told of the mesh that it attacks. */
export interface Targets {
  /** The attacker's name. */
  readonly attacker: string;
  /** Text that no other attempt leaves anywhere. */
  readonly mark: string;
  /** Folder of files that are nobody's in the mesh, a set for each attacker. */
  readonly outside: string;
  /** `MCP_MESH_HOME`. */
  readonly home: string;
  /** The attacker's own data folder. */
  readonly data: string;
  /** `DENO_DIR`, and a file in it. */
  readonly denoDir: string;
  readonly denoFile: string;
  /** Folder of the runtime. */
  readonly root: string;
  /** Ports of this machine: a server that is not of the mesh, and those of the mesh. */
  readonly canary: number;
  readonly registry: number;
  readonly victim: number;
  readonly own: number;
  /** Processes. */
  readonly runtimePid: number;
  readonly victimPid: number;
  readonly registryPid: number;
  /** Most that an attempt may take of memory, bytes. */
  readonly memory: number;
}

/** An attempt. */
export interface Attempt {
  /** Its kind and its name. */
  readonly id: string;
  /** A sentence about it: what the attacker does. */
  readonly says: string;
  /**
   * The body of an async function of `at`, the {@linkcode Targets}, and the functions of
   * {@linkcode HELPERS}.
   */
  readonly code: string;
  /** Flags that plainly permit it. @default none: no flag permits it */
  readonly needs?: readonly Need[] | undefined;
  /** How long it may take, milliseconds. @default {1_000} */
  readonly limitMs?: number;
  /** Its code is started anew afterwards: the attempt leaves something behind in it. */
  readonly restarts?: boolean;
  /** Its code does not answer for long afterwards: no other attempt follows it. */
  readonly last?: boolean;
  /** One attacker tries it, because it is costly and flags make no difference. */
  readonly dealt?: boolean;
  /** It takes a lot of memory: few of these run at a time. */
  readonly heavy?: boolean;
  /** Its result is the answer of its tool, as it is; what it returns says nothing. */
  readonly bare?: boolean;
  /** It ends by writing its mark where it wrote before, for the log to be looked at. */
  readonly logs?: boolean;
  /** Isolations that it says nothing of, with the reason. */
  readonly leftOut?: Partial<Readonly<Record<Isolation, string>>>;
}

/** A row of a table of attempts: name, sentence, code, and all that is particular. */
export type Row = readonly [
  name: string,
  says: string,
  code: string,
  more?: Partial<Attempt>,
];

/** Puts a table of attempts together, all of one kind. */
export function attemptsOf(
  kind: string,
  rows: readonly Row[],
  shared: Partial<Attempt> = {},
): readonly Attempt[] {
  return rows.map(([name, says, code, more = {}]) => ({
    ...shared,
    ...more,
    id: `${kind}/${name}`,
    says,
    code,
  }));
}

/** Functions that the code of attempts may use, as the text of a module's part. */
export const HELPERS = `
const isRefusal = (error) =>
  /NotCapable|Requires .* (access|permission)|EACCES|EPERM|not permitted|denied/i
    .test(String(error) + " " + String(error?.cause ?? "") + " " + error?.code);

/** Says that Deno let something through, whatever came of it then. */
const through = async (run) => {
  try {
    const value = await Promise.race([run(), new Promise((done) => setTimeout(done, 200))]);
    value?.close?.();
    value?.destroy?.();
  } catch (error) {
    if (isRefusal(error)) throw error;
  }
  return "let through";
};

/** Says that something was done to the process of the runtime. */
const toRuntime = (at, text) => Deno.pid === at.runtimePid ? text : undefined;

/** Resolves with what a listener of an emitter gets; rejects on "error". */
const once = (emitter, event) =>
  new Promise((resolve, reject) => emitter.once(event, resolve).once("error", reject));

const wait = (ms) => new Promise((done) => setTimeout(done, ms));
`;

/** The names that {@linkcode HELPERS} defines for attempts. */
export const HELPER_NAMES: readonly string[] = ["through", "toRuntime", "once", "wait"];
