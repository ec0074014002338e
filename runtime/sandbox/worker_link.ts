/**
 * Agent code in a worker of this process: a seat belt for one's own code, not a border (README,
 * "Worker isolation").
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { ToAgent } from "../boundary/agent_messages.ts";
import type { CodeLink, LinkEvents } from "./code_link.ts";
import type { Permissions, Reach } from "./grant.ts";
import { LogBudget, withinLogBudget } from "./log_budget.ts";
import { Outbox } from "./outbox.ts";
import { readableNames, union, workerPermissions } from "./permissions.ts";
import { loadingPermissions } from "./reach.ts";

/** Options of {@linkcode WorkerLink}. */
export interface WorkerLinkOptions {
  /** URL of the agent module. */
  readonly url: string;
  /** Name of the worker, for debuggers. */
  readonly name: string;
  readonly permissions: Permissions;
  readonly reach: Reach | undefined;
}

/** Agent code in a worker. */
export class WorkerLink implements CodeLink {
  readonly isFull = false;
  readonly #worker: Worker;
  readonly #outbox: Outbox<ToAgent>;
  readonly #logBudget: LogBudget;

  constructor(options: WorkerLinkOptions, unbounded: LinkEvents) {
    const budget = this.#logBudget = new LogBudget((level, message) =>
      unbounded.received([{ type: "log", level, message }])
    );
    const events = withinLogBudget(unbounded, budget);
    const { url, permissions, reach } = options;
    const loading = loadingPermissions(fileURLToPath(url), reach);
    const worker = this.#worker = new Worker(bootstrap(options), {
      type: "module",
      name: options.name,
      deno: { permissions: workerPermissions(union(permissions, loading)) },
    });
    this.#outbox = new Outbox<ToAgent>(
      (batch, transfer) => worker.postMessage(batch, transfer),
      (message, cause) => events.unsent(message, cause),
    );
    worker.onmessage = ({ data }: MessageEvent<unknown>) => events.received(data);
    worker.onerror = (event) => {
      // Without this the error would end the whole process.
      event.preventDefault();
      events.ended(event.message || "an uncaught error");
    };
    worker.onmessageerror = () => events.ended("a message that cannot be read");
  }

  post(message: ToAgent, transfer?: readonly ArrayBuffer[]): void {
    this.#outbox.post(message, transfer);
  }

  end(): Promise<void> {
    this.#worker.onmessage = this.#worker.onmessageerror = null;
    // An error may still be on its way, and would end the whole process.
    this.#worker.onerror = (event) => event.preventDefault();
    this.#logBudget.flush();
    this.#worker.terminate();
    return Promise.resolve();
  }
}

/** Returns the first module of a worker. Its `import()` names no module: see reach.ts. */
function bootstrap({ url, permissions }: WorkerLinkOptions): string {
  const entry = new URL("../handler/worker/worker.ts", import.meta.url).href;
  const source = `import { runWorker } from ${JSON.stringify(entry)};\n` +
    ignoring(permissions) +
    `await runWorker(${JSON.stringify(url)}, (url) => import(url));`;
  return `data:application/javascript,${encodeURIComponent(source)}`;
}

function ignoring(permissions: Permissions): string {
  const { ignoreEnv } = permissions;
  if (ignoreEnv === undefined || ignoreEnv === false) return "";
  const entry = new URL("../handler/worker/ignored_env.ts", import.meta.url).href;
  const readable = readableNames(Deno.env.toObject(), permissions);
  return `import { ignoreEnv } from ${JSON.stringify(entry)};\n` +
    `ignoreEnv(${JSON.stringify(readable)}, ${JSON.stringify(ignoreEnv)});\n`;
}
