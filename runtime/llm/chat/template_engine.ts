/**
 * nunjucks, set up for prompts. A module of its own, so that it is loaded only where there are some.
 *
 * @module
 */
// @ts-types="@types/nunjucks"
import nunjucks from "nunjucks";
import { fileURLToPath } from "node:url";
import { errorText, MeshError } from "../../base/errors.ts";
import { resolvePrompt } from "../../define/prompt_files.ts";

/** A compiled template. */
export interface Template {
  /** @throws {MeshError} `bad_definition`, with the place and what is wrong. */
  render(variables: object): Promise<string>;
}

/** Compiles templates. */
export interface TemplateEngine {
  /**
   * The template in a file, by URL.
   *
   * @throws {MeshError} `bad_definition`.
   */
  file(url: string): Template;
  /**
   * A template that stands in the code.
   *
   * @param name What it is called in messages.
   * @throws {MeshError} `bad_definition`.
   */
  text(text: string, name: string): Template;
}

/** @param sources The text of template files, by URL; may grow. */
export function templateEngine(sources: ReadonlyMap<string, string>): TemplateEngine {
  class Files extends nunjucks.Loader implements nunjucks.ILoader {
    getSource(name: string): nunjucks.LoaderSource {
      const src = sources.get(name);
      // nunjucks takes a null for "not here", which its types leave out.
      return (src === undefined
        ? null
        : { src, path: name, noCache: false }) as nunjucks.LoaderSource;
    }
    override isRelative(): boolean {
      return true;
    }
    override resolve(from: string, to: string): string {
      return resolvePrompt(from, to);
    }
  }
  // Prompts are text for a model: nothing in them is markup to be escaped.
  const environment = new nunjucks.Environment(new Files(), { autoescape: false });
  // As Jinja calls what nunjucks calls `dump`.
  environment.addFilter("tojson", (value: unknown) => JSON.stringify(value));
  return {
    file: (url) => compiled(sources.get(url) ?? "", () => environment.getTemplate(url, true)),
    text: (text, name) =>
      compiled(text, () => new nunjucks.Template(text, environment, name, true)),
  };
}

function compiled(text: string, compile: () => nunjucks.Template): Template {
  let template: nunjucks.Template;
  try {
    template = compile();
  } catch (error) {
    throw templateError(error, text);
  }
  return {
    render(variables) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      template.render(variables, (error, text) => {
        if (text === null) reject(templateError(error));
        else resolve(text);
      });
      return promise;
    },
  };
}

/** What nunjucks says: `(name) [Line 2, Column 5]` and a line for the reason, nested for included ones. */
function templateError(error: unknown, source?: string): MeshError {
  const lines = errorText(error).split("\n").map((line) =>
    line.trim().replace(/^(?:Template render error|Error): /, "")
  );
  const [name = "", row, column] = lines.flatMap((line) => {
    const found = /^\((.+?)\)(?: \[Line (\d+), Column (\d+)\])?$/.exec(line);
    return found === null ? [] : [found.slice(1)];
  }).at(-1) ?? [];
  const path = name.startsWith("file:") ? fileURLToPath(name) : name;
  // Where a template ends too early, it tells no line.
  const end = source === undefined ? "" : `:${source.trimEnd().split("\n").length}`;
  const place = row === undefined ? path + end : `${path}:${row}:${column}`;
  const reason = lines.filter((line) => line !== "" && !line.startsWith("(")).join(" ");
  return new MeshError("bad_definition", `prompt ${place}: ${reason}`, { cause: error });
}
