/**
 * The prompts of one agent: nunjucks templates over a call's variables, each compiled once. On the
 * side of the agent's code, which may fill in whatever it likes; files are handed over by the trusted
 * side (see prompt_files.ts).
 *
 * @module
 */
import { MeshError } from "../../base/errors.ts";
import type { PromptSources } from "../../define/prompt_files.ts";
import type { Template, TemplateEngine } from "./template_engine.ts";

/** What a template is filled in with. */
export type Variables = Readonly<Record<string, unknown>>;

/** A prompt that stands in the code, with a name for messages. */
export interface InlinePrompt {
  readonly text: string;
  readonly name: string;
}

/** A prompt, or the URL of a file that holds it. */
export type PromptTemplate = InlinePrompt | { readonly file: string };

/** What makes text a template. */
const MARKERS = /\{[{%#]/;

/** The prompts of one agent. */
export class Templates {
  readonly #sources = new Map<string, string>();
  readonly #inline = new WeakMap<InlinePrompt, Template>();
  readonly #read: ((file: string) => PromptSources) | undefined;
  #engine: Promise<TemplateEngine> | undefined;

  /** @param read Reads files that have not been provided; in a sandbox nobody can. */
  constructor(read?: (file: string) => PromptSources) {
    this.#read = read;
  }

  /**
   * Takes over files that somebody else has read, and compiles them, so that a bad one is found
   * before anybody needs it.
   *
   * @throws {MeshError} `bad_definition`, with the file, the line and what is wrong.
   */
  async provide(sources: PromptSources): Promise<void> {
    for (const [file, text] of sources) this.#sources.set(file, text);
    for (const file of sources.keys()) (await this.#loaded()).file(file);
  }

  /**
   * Compiles a prompt that stands in the code.
   *
   * @throws {MeshError} As `provide`.
   */
  async check(prompt: PromptTemplate): Promise<void> {
    if ("text" in prompt && MARKERS.test(prompt.text)) await this.#text(prompt);
  }

  /**
   * Fills a prompt in.
   *
   * @throws {MeshError} `bad_definition`, with the place and what is wrong.
   */
  async render(prompt: PromptTemplate, variables: Variables): Promise<string> {
    if ("text" in prompt && !MARKERS.test(prompt.text)) return prompt.text;
    const template = "file" in prompt ? await this.#file(prompt.file) : await this.#text(prompt);
    return (await template.render(variables)).trim();
  }

  async #file(file: string): Promise<Template> {
    if (!this.#sources.has(file)) {
      if (this.#read === undefined) {
        throw new MeshError("bad_definition", `prompt ${file} has not been read; see the log`);
      }
      await this.provide(this.#read(file));
    }
    return (await this.#loaded()).file(file);
  }

  async #text(prompt: InlinePrompt): Promise<Template> {
    const engine = await this.#loaded();
    let template = this.#inline.get(prompt);
    if (template === undefined) {
      template = engine.text(prompt.text, prompt.name);
      this.#inline.set(prompt, template);
    }
    return template;
  }

  async #loaded(): Promise<TemplateEngine> {
    return await (this.#engine ??= import("./template_engine.ts")
      .then(({ templateEngine }) => templateEngine(this.#sources)));
  }
}
