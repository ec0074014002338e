/**
 * The marks between which language models write their thoughts into their text, where no server takes
 * them out. Each is a row: a new one is added here, and is tested and played by the scripted model of
 * `mesh/testing` from then on. Pure.
 *
 * @module
 */

/** One pair of marks. */
export interface ThoughtMark {
  readonly name: string;
  readonly vendor: string;
  readonly source: string;
  /** A thought, with a draft of the answer `{"a":1}` in it, and the answer after it. */
  readonly written: string;
  /** The beginning and the end of a thought, as parts of an expression. */
  readonly begin: string;
  readonly end: string;
}

/** Names of tags; models put their own before them, such as `mm:think`. */
const TAG = "(?:\\w+:)?(?:think|thinking|thought|reasoning|reflection|analysis|scratchpad)";

/** The marks that are known. */
export const THOUGHT_MARKS = [
  {
    name: "tags",
    vendor: "vllm",
    source: "garrytan/gbrain#4640, HKUDS/DeepTutor#675, Chevey339/kelivo#450, getkimchi/kimchi#598",
    written: '<think>maybe {"a":0}</think>\n{"a":1}',
    begin: `<${TAG}\\b[^<>]{0,200}>`,
    end: `</${TAG}>`,
  },
  {
    name: "brackets",
    vendor: "mistral",
    source: "RooCodeInc/Roo-Code#8522: Magistral's own marks",
    written: '[THINK]maybe {"a":0}[/THINK]{"a":1}',
    begin: "\\[THINK\\]",
    end: "\\[/THINK\\]",
  },
  {
    name: "triangles",
    vendor: "moonshot",
    source: "sgl-project/sglang#9192: Kimi's own marks",
    written: '◁think▷maybe {"a":0}◁/think▷{"a":1}',
    begin: "◁think▷",
    end: "◁/think▷",
  },
  {
    name: "openthinker",
    vendor: "ollama",
    source: "Infinitix-LLC/gpt_markdown#42",
    written: '<|begin_of_thought|>maybe {"a":0}<|end_of_thought|>{"a":1}',
    begin: "<\\|begin_of_thought\\|>",
    end: "<\\|end_of_thought\\|>",
  },
  {
    name: "harmony",
    vendor: "nvidia",
    source: "NVIDIA/TensorRT-LLM#9256, ml-explore/mlx-lm#1867: the channels of gpt-oss",
    written: '<|channel|>analysis<|message|>maybe {"a":0}<|end|>' +
      '<|start|>assistant<|channel|>final<|message|>{"a":1}',
    begin: "<\\|channel\\|>analysis<\\|message\\|>",
    end: "<\\|end\\|>",
  },
] as const satisfies readonly ThoughtMark[];

/** One thought; one whose end never comes goes on to the end. */
const THOUGHTS = new RegExp(
  THOUGHT_MARKS.map(({ begin, end }) => `${begin}[\\s\\S]*?(?:${end}|$)`).join("|"),
  "gi",
);

/** The end of a thought whose beginning is in the prompt (DeepSeek R1 and Qwen templates). */
const THOUGHT_END = new RegExp(
  `^[\\s\\S]*(?:${THOUGHT_MARKS.map(({ end }) => end).join("|")})`,
  "i",
);

/** Parts a text in two: the answer of a model, and its thoughts before that. */
export function withoutThoughts(
  text: string,
): { readonly answer: string; readonly thoughts: string } {
  const thoughts: string[] = [];
  const keep = (thought: string) => {
    thoughts.push(thought);
    return "";
  };
  const answer = text.replaceAll(THOUGHTS, keep).replace(THOUGHT_END, keep);
  return { answer, thoughts: thoughts.join("\n") };
}
