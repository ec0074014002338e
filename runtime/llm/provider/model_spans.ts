/**
 * A span for each turn a language model answers, beside what the engine does.
 *
 * @module
 */
import { asMeshError } from "../../base/errors.ts";
import type { CodeSpan } from "../../protocol/code_span.ts";
import { SpanClock } from "../../base/span_clock.ts";
import type { LlmEngine, LlmTurn, LlmTurnRequest } from "../engine/engine.ts";

/**
 * Under which a provider's context takes spans; a symbol, so that no name of a dependency is taken by
 * it.
 */
export const RECORD: unique symbol = Symbol("mesh.record");

/** What spans of model calls are named (OpenTelemetry's semantic conventions for generative AI). */
const OPERATION = "chat";

/**
 * An engine whose turns are recorded.
 *
 * @param record Takes a span that has ended.
 */
export function recorded(
  engine: LlmEngine,
  record: (span: CodeSpan) => void,
): Pick<LlmEngine, "turn"> {
  const clock = new SpanClock();
  return {
    async turn(request, options) {
      const start_us = clock.micros();
      const end = (rest: Pick<CodeSpan, "llm" | "error">) =>
        record({
          name: OPERATION,
          kind: "client",
          start_us,
          duration_us: clock.micros() - start_us,
          ...rest,
        });
      try {
        const turn = await engine.turn(request, options);
        end({ llm: usageOf(turn) });
        return turn;
      } catch (error) {
        const { code, message } = asMeshError(error, "llm_upstream");
        end({ llm: askedOf(request), error: { code, message } });
        throw error;
      }
    },
  };
}

function usageOf({ model, usage }: LlmTurn): CodeSpan["llm"] {
  return {
    ...namesOf(model),
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
  };
}

function askedOf({ params }: LlmTurnRequest): CodeSpan["llm"] {
  return typeof params.model === "string" ? namesOf(params.model) : {};
}

/** The model, and the vendor where the name begins with it. */
function namesOf(model: string): { model: string; provider?: string } {
  const [vendor, ...rest] = model.split("/");
  return rest.length === 0 || !vendor ? { model } : { model, provider: vendor };
}
