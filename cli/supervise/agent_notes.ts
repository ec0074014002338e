/**
 * What `meshctl` itself has to say about the agents it stays with: it stands in their logs, and on
 * the terminal if there is one.
 *
 * @module
 */
import type { LogLevel } from "../../runtime/base/log.ts";
import { agentLog } from "../../runtime/base/log.ts";
import type { Context } from "../app/context.ts";
import type { LineSource } from "../machine/child.ts";
import { type MeshHome, REGISTRY_NAME } from "../machine/home.ts";
import { LogWriter } from "../machine/log_writer.ts";

/** Says things about agents. */
export interface AgentNotes {
  /** A line of the agent's log. */
  note(name: string, level: LogLevel, text: string): void;
  /** That something has ended, and what comes of it. */
  say(names: string[], text: string): void;
}

/**
 * Says things.
 *
 * @param onLine Shows a line of an agent and logs it; without a terminal it is only logged.
 */
export function createAgentNotes(
  { stderr }: Pick<Context, "stderr">,
  home: MeshHome,
  onLine: ((name: string, source: LineSource, line: string) => void) | undefined,
): AgentNotes {
  const onTrouble = (text: string) => stderr.lines([text]);
  const append = (name: string, line: string) => {
    // Opened each time: an agent that is started again has a new one.
    const log = new LogWriter(home.log(name), { onTrouble });
    try {
      log.line(line);
    } finally {
      log[Symbol.dispose]();
    }
  };
  return {
    note: (name, level, text) => {
      const write = (line: string) =>
        onLine === undefined ? append(name, line) : onLine(name, "stderr", line);
      agentLog("debug", write)(level, text);
    },
    say: (names, text) => {
      const who = names.map((name) => name === REGISTRY_NAME ? "the registry" : name);
      stderr.lines([`${who.join(", ")} ${text}`]);
      for (const name of names) agentLog("info", (line) => append(name, line))("info", text);
    },
  };
}
