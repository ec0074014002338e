/** Longest function name, capability, tag and version of a tool or dependency, in characters. */
export const TOOL_TEXT_MAX = 2_048;
