/**
 * Agent code in this thread: for `deno serve`, Deno Deploy and tests. No isolation.
 *
 * @module
 */
import type { Servable } from "../define/servable.ts";
import type { CheckVerdict } from "../define/health_check.ts";
import type { CheckKind, Host } from "../boundary/host.ts";
import { readPrompts } from "../define/prompt_files.ts";
import { Templates } from "../llm/chat/templates.ts";
import { promptFiles, usesLlm } from "../define/manifest.ts";
import { openLifespan } from "../handler/open_lifespan.ts";
import { Operations } from "../handler/operations.ts";
import { runCheck } from "../handler/run_check.ts";
import { runCompletion } from "../handler/run_operation.ts";

/** Hosts `agent` in this thread. */
export function hostInThread(agent: Servable): Host {
  // What the process may read is up to its permissions.
  const templates = new Templates((file) => readPrompts([file]));
  const operations = new Operations(agent, templates);
  let held: AsyncDisposable | undefined;
  return {
    get manifest() {
      return agent.manifest();
    },
    listen: ({ manifest, resourceUpdated }) =>
      agent.listen({
        ...(manifest && { changed: manifest }),
        ...(resourceUpdated && { resourceUpdated }),
      }),
    invoke(key, args, environment) {
      try {
        return operations.run(key, args, environment);
      } catch (error) {
        // A key that is unknown.
        return Promise.reject(error);
      }
    },
    complete: async (key, request) => await runCompletion(operations.of(key), request),
    async open(environment, llm) {
      const manifest = agent.manifest();
      if (usesLlm(manifest)) {
        await operations.prepare(readPrompts(promptFiles(manifest)), llm);
      }
      held = await openLifespan(agent, environment);
    },
    check: (kind: CheckKind): Promise<CheckVerdict> => runCheck(agent, kind),
    async [Symbol.asyncDispose]() {
      await held?.[Symbol.asyncDispose]();
      held = undefined;
    },
  };
}
