/**
 * One agent whose files are watched.
 *
 * @module
 */
import type { ChildCode } from "../../runtime/process/plan.ts";
import type { StartableAgent } from "../start/startable_agent.ts";
import type { SupervisedProcess } from "./supervised_process.ts";
import type { AgentParts } from "./concern.ts";

/** How loading the saved code went, before any of it runs. */
export type Loaded =
  /** It is loaded beside the code that runs. */
  | { kind: "loaded"; source: StartableAgent; code?: ChildCode }
  /** It cannot be. */
  | { kind: "refused"; reason: string }
  /** It needs another process than the one there is. */
  | { kind: "anew"; source: StartableAgent; reason: string };

/** One agent whose files are watched. */
export class WatchedAgent implements AgentParts {
  source: StartableAgent;
  process: SupervisedProcess;
  modules: ReadonlySet<string>;
  prompts: ReadonlySet<string> = new Set();
  isBehind: boolean;
  /** Some version of its code runs in the process, while that does. */
  hasRun: boolean;
  /** Counts the versions of its code; commands to its process carry the number. */
  version = 0;
  /** How loading the version goes, until somebody runs it; never rejects. */
  loading: Promise<Loaded> | undefined;

  constructor(source: StartableAgent, process: SupervisedProcess, hasRun: boolean) {
    this.source = source;
    this.process = process;
    this.modules = new Set([source.file]);
    this.isBehind = !hasRun;
    this.hasRun = hasRun;
  }

  get file(): string {
    return this.source.file;
  }

  /** The name it was planned under. */
  get name(): string {
    return this.source.name;
  }

  /** Whether its process takes commands. */
  get isUp(): boolean {
    return this.process.state === "running";
  }
}
