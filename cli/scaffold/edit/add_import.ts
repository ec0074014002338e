/**
 * Imports that an edit needs.
 *
 * @module
 */
import type { Statement } from "@babel/types";
import type { AgentModule } from "./module_tree.ts";
import { localName, refusal } from "./module_tree.ts";
import type { TextEdit } from "./text_edit.ts";

/** What an import is called in the module, and the edits that put it there. */
export interface Imported {
  name: string;
  edits: TextEdit[];
}

/**
 * Sees to it that a module imports a value.
 *
 * @throws {CliError} exit 1 when its name is another's in there.
 */
export function addImport(module: AgentModule, from: string, exported: string): Imported {
  const { statements, file } = module;
  const known = localName(statements, from, exported);
  if (known !== undefined) return { name: known, edits: [] };
  if (topNames(statements).includes(exported)) {
    throw refusal(file, `calls something else ${exported}, and needs that of "${from}"`);
  }
  const imports = statements.filter((each) => each.type === "ImportDeclaration");
  const same = imports.find(({ source: { value }, importKind, specifiers }) =>
    value === from && importKind !== "type" &&
    specifiers.at(-1)?.type === "ImportSpecifier"
  );
  const last = same?.specifiers.at(-1);
  if (last !== undefined) {
    return { name: exported, edits: [{ at: last.end ?? 0, text: `, ${exported}` }] };
  }
  const at = imports.at(-1)?.end ?? 0;
  return { name: exported, edits: [{ at, text: `\nimport { ${exported} } from "${from}";` }] };
}

/** What is named at a module's top. */
function topNames(statements: readonly Statement[]): string[] {
  return statements.flatMap((statement): string[] => {
    const declared = statement.type === "ExportNamedDeclaration" && statement.declaration
      ? statement.declaration
      : statement;
    switch (declared.type) {
      case "ImportDeclaration":
        return declared.specifiers.map(({ local }) => local.name);
      case "VariableDeclaration":
        return declared.declarations.flatMap(({ id }) => id.type === "Identifier" ? id.name : []);
      case "FunctionDeclaration":
      case "ClassDeclaration":
        return declared.id ? [declared.id.name] : [];
      default:
        return [];
    }
  });
}
