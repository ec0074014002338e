/**
 * The program of a process that runs the code of one agent. Its only way to the trusted side is the
 * socket on file descriptor 3; the lines that the code writes to standard output and error are log
 * lines. The first frame names the module of the agent.
 *
 * @module
 */
import { Socket } from "node:net";
import type { FromAgent } from "../../boundary/agent_messages.ts";
import type { CodeStart } from "../../boundary/code_start.ts";
import { BODY_MAX, FrameReader, FrameWriter } from "../../boundary/frames.ts";
import { fromAgentFrame, toAgentMessage } from "../../boundary/framed_messages.ts";
import { type AgentCode, loadAgentCode, type TrustedSide } from "../isolated/agent_code.ts";
import { followRefusals, forwardConsole } from "../isolated/side_effects.ts";

/** Bytes that are read at a time. */
const READ = 64 * 1024;

const socket = new Socket({
  fd: 3,
  readable: true,
  writable: true,
  // Without a buffer of its own each read makes one.
  onread: { buffer: new Uint8Array(READ), callback: onRead },
});
const writer = new FrameWriter();
let isFlushing = false;

function flush(): void {
  isFlushing = false;
  for (const piece of writer.take()) socket.write(piece);
}

function post(message: FromAgent): void {
  writer.write(fromAgentFrame(message));
  if (isFlushing) return;
  isFlushing = true;
  // After all that this turn brings: each write costs more than its content.
  setImmediate(flush);
}

const trusted: TrustedSide = {
  post,
  // A frame is written later, and its sender may go on with the bytes.
  postBytes: (bytes, message) => post(message(new Uint8Array(bytes))),
};

/** Loads the agent that the first frame names. */
async function start({ module }: CodeStart): Promise<AgentCode | undefined> {
  forwardConsole(trusted.post);
  followRefusals((message) => post({ type: "refused", message }));
  // The name is put together at run time, see `loadAgentCode`.
  const code = await loadAgentCode(module, (url) => import(url), trusted);
  code?.announce();
  return code;
}

let code: AgentCode | undefined;
let isStarted = false;
const reader = new FrameReader((head, body) => {
  if (isStarted) return code?.receive(toAgentMessage(head, body));
  isStarted = true;
  // The trusted side writes nothing else first.
  void start(head as CodeStart).then((loaded) => code = loaded);
}, BODY_MAX);

// A frame that is whole is taken out of the buffer before the next read.
function onRead(length: number, buffer: Uint8Array): boolean {
  reader.push(buffer.subarray(0, length));
  return true;
}
// Nobody is left to work for.
socket.on("close", () => Deno.exit(0));
socket.on("error", () => Deno.exit(0));
// The last words of code that ends its process.
globalThis.addEventListener("unload", flush);
