/** A vendor whose model takes no time: answers that are ready, streams as fast as they are read. */

/** Deltas of every stream. */
export const TOKENS = 20_000;
/** What a buffered request is answered. */
export const ANSWER = "42";

const encoder = new TextEncoder();
const head = { id: "chatcmpl-1", created: 1, model: "instant" };
const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
const answer = JSON.stringify({
  ...head,
  object: "chat.completion",
  choices: [{
    index: 0,
    message: { role: "assistant", content: ANSWER },
    finish_reason: "stop",
  }],
  usage,
});

function event(delta: Record<string, unknown>, finish_reason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason }];
  return `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices })}\n\n`;
}

/** What one write of the stream carries: tokens come a few at a time when a model is fast. */
const TOKENS_PER_WRITE = 10;
const tokens = encoder.encode(event({ content: "token " }).repeat(TOKENS_PER_WRITE));
const end = encoder.encode(`${event({}, "stop")}data: [DONE]\n\n`);

function stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = TOKENS / TOKENS_PER_WRITE;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) return controller.enqueue(tokens);
      controller.enqueue(end);
      controller.close();
    },
  });
}

if (import.meta.main) {
  const [port] = Deno.args;
  Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen: () => {} }, async (request) => {
    const { stream: streams } = await request.json();
    return streams === true
      ? new Response(stream(), { headers: { "content-type": "text/event-stream" } })
      : new Response(answer, { headers: { "content-type": "application/json" } });
  });
}
