/**
 * What the turns of a model took together.
 *
 * @module
 */
import type { LlmResult, LlmUsage } from "../../define/llm.ts";

/** What several turns took. */
export class Tally {
  #inputTokens = 0;
  #outputTokens = 0;
  #turns = 0;

  add({ usage, turns }: { readonly usage: LlmUsage; readonly turns: number }): void {
    this.#inputTokens += usage.inputTokens;
    this.#outputTokens += usage.outputTokens;
    this.#turns += turns;
  }

  get sums(): Pick<LlmResult, "usage" | "turns"> {
    return {
      usage: { inputTokens: this.#inputTokens, outputTokens: this.#outputTokens },
      turns: this.#turns,
    };
  }
}
