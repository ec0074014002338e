/**
 * The tool of which an endpoint says that it does not take it: one such tool ends every request that has
 * it, so it is left out. Pure.
 *
 * @module
 */

/** A way to say it. */
export interface ToolRefusal {
  readonly vendor: string;
  readonly source: string;
  /** A sentence that was really said, of the second of three tools, `a`, `b` and `c`. */
  readonly said: string;
  /** Its group is the tool's `index`, its `position` from one on, its `name`, or the `most` tools there may be. */
  readonly words: RegExp;
}

/** The ways that are known; the first row that matches counts. */
export const TOOL_REFUSALS: readonly ToolRefusal[] = [
  {
    vendor: "openai",
    source: "0x4m4/hexstrike-ai#29",
    said:
      "tools Invalid 'tools': array too long. Expected an array with maximum length 2, but got " +
      "an array with length 3 instead.",
    words: /'?tools'?:? array too long.*maximum length (?<most>\d+)/,
  },
  {
    vendor: "gemini",
    source: "microsoft/azure-devops-mcp#145",
    said:
      "Invalid value at 'tools[0].function_declarations[1].parameters.properties[2].value.enum[0]'",
    words: /function_declarations\[(?<index>\d+)\]/,
  },
  {
    vendor: "bedrock",
    source: "Amazon Bedrock, Converse",
    said: "Value at 'toolConfig.tools.2.member.toolSpec.name' failed to satisfy constraint",
    words: /\btools\.(?<position>\d+)\.member/,
  },
  {
    vendor: "openai",
    source: "nanbingxyz/5ire#33",
    said: "tools[1].function.description Invalid 'tools[1].function.description': string too long.",
    words: /\btools\[(?<index>\d+)\]/,
  },
  {
    vendor: "anthropic",
    source: "modelcontextprotocol/go-sdk#169",
    said: "tools.1.custom.input_schema.properties: Property keys should match pattern",
    words: /\btools\.(?<index>\d+)\./,
  },
  {
    vendor: "openai",
    source: "OpenAI, code invalid_function_parameters",
    said:
      "Invalid schema for function 'b': In context=('properties', 'x'), array schema missing items.",
    words: /schema for (function|tool) ['"`](?<name>[^'"`]+)['"`]/i,
  },
  {
    vendor: "vertex_ai",
    source: "Vertex AI, Function calling",
    said: "Unable to submit request because `b` functionDeclaration `parameters.x` schema is odd",
    words: /`(?<name>[^`]+)` functionDeclaration/,
  },
];

/**
 * Returns which tool is refused, or how many tools there may be.
 *
 * @param text The parameter that is complained of, and the sentence.
 * @param tools The names that were sent, in their order.
 */
export function toolRefusedIn(
  text: string,
  tools: readonly string[],
): { readonly tool: string } | { readonly most: number } | undefined {
  for (const { words } of TOOL_REFUSALS) {
    const { index, position, name, most } = words.exec(text)?.groups ?? {};
    if (most !== undefined && Number(most) < tools.length) return { most: Number(most) };
    const tool = tools.find((tool, at) =>
      tool === name || at === Number(index) || at === Number(position) - 1
    );
    if (tool !== undefined) return { tool };
  }
  return undefined;
}
