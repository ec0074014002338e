/**
 * What `meshctl` tells a running agent process: one command a line of standard input.
 *
 * @module
 */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type HostCommand, HostCommandSchema } from "./plan.ts";

/**
 * The commands of a stream, until it ends. A line that is none is told and passed over: what runs
 * must not end for what somebody else wrote wrong.
 */
export async function* readCommands(
  input: Readable,
  onBadLine: (line: string) => void,
): AsyncGenerator<HostCommand, void> {
  for await (const line of createInterface({ input })) {
    const command = parseCommand(line);
    if (command === undefined) onBadLine(line);
    else yield command;
  }
}

function parseCommand(line: string): HostCommand | undefined {
  try {
    return HostCommandSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
