/**
 * An agent's module as a syntax tree, as far as edits need it: its imports, its `agent()` and the
 * objects in there. What has another shape is refused, never guessed.
 *
 * @module
 */
import { parse, type ParseResult } from "@babel/parser";
import type {
  CallExpression,
  Expression,
  ObjectExpression,
  ObjectProperty,
  Statement,
} from "@babel/types";
import { errorText } from "../../../runtime/base/errors.ts";
import { CliError, EXIT } from "../../base/exit.ts";

/** A module that declares one agent. */
export interface AgentModule {
  /** How messages call it. */
  file: string;
  source: string;
  statements: readonly Statement[];
  /** What `agent()` is given. */
  definition: ObjectExpression;
}

/** Name of the package that agents import. */
const MESH = "mesh";

/**
 * Reads a module.
 *
 * @param file How messages call it.
 * @throws {CliError} exit 1 when it does not parse, or declares no agent, or in another way.
 */
export function readAgentModule(source: string, file: string): AgentModule {
  const { body: statements } = parsed(source, file).program;
  const name = localName(statements, MESH, "agent");
  const calls = name === undefined
    ? []
    : expressions(statements).filter((value) => isCallOf(value, name));
  const [call] = calls;
  if (call === undefined || calls.length > 1) {
    throw refusal(
      file,
      call === undefined
        ? 'declares no agent with agent() of "mesh" at its top'
        : `declares ${calls.length} agents`,
    );
  }
  const [definition] = call.arguments;
  if (definition?.type !== "ObjectExpression") {
    throw refusal(file, "gives agent() something that is not an object written there");
  }
  return { file, source, statements, definition };
}

function parsed(source: string, file: string): ParseResult {
  try {
    return parse(source, { sourceType: "module", plugins: ["typescript"] });
  } catch (cause) {
    const reason = errorText(cause);
    throw new CliError(EXIT.failure, `${file} cannot be read as TypeScript: ${reason}`, {
      hint: "Correct it first; nothing was changed.",
      cause,
    });
  }
}

/** An edit that is not understood well enough to be made. */
export function refusal(file: string, reason: string): CliError {
  return new CliError(EXIT.failure, `${file} ${reason}`, {
    hint: "Nothing was changed. Make this edit by hand.",
  });
}

/** The expressions that a module's top level declares or exports. */
function expressions(statements: readonly Statement[]): Expression[] {
  return statements.flatMap((statement): Expression[] => {
    if (statement.type === "ExportDefaultDeclaration") {
      const { declaration } = statement;
      const isOther = declaration.type === "FunctionDeclaration" ||
        declaration.type === "ClassDeclaration" || declaration.type === "TSDeclareFunction" ||
        declaration.type === "TSInterfaceDeclaration";
      return isOther ? [] : [declaration as Expression];
    }
    return [...constants(statement).values()];
  });
}

function constants(statement: Statement): Map<string, Expression> {
  const declared = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (declared?.type !== "VariableDeclaration" || declared.kind !== "const") return new Map();
  return new Map(
    declared.declarations.flatMap(({ id, init }) =>
      id.type === "Identifier" && init ? [[id.name, init] as const] : []
    ),
  );
}

/** Whether an expression calls a function by a plain name. */
export function isCallOf(value: unknown, name: string): value is CallExpression {
  const node = value as Expression;
  return node.type === "CallExpression" && node.callee.type === "Identifier" &&
    node.callee.name === name;
}

/** What a package's export is called in a module, or `undefined` when it is not imported as a value. */
export function localName(
  statements: readonly Statement[],
  from: string,
  exported: string,
): string | undefined {
  for (const statement of statements) {
    if (statement.type !== "ImportDeclaration" || statement.source.value !== from) continue;
    if (statement.importKind === "type") continue;
    for (const specifier of statement.specifiers) {
      if (specifier.type !== "ImportSpecifier" || specifier.importKind === "type") continue;
      const { imported } = specifier;
      const name = imported.type === "Identifier" ? imported.name : imported.value;
      if (name === exported) return specifier.local.name;
    }
  }
  return undefined;
}

/** Properties of an object by their plain names. */
export function propertyOf(object: ObjectExpression, key: string): ObjectProperty | undefined {
  return object.properties.find((property): property is ObjectProperty =>
    property.type === "ObjectProperty" && keyOf(property) === key
  );
}

/** The plain name of a property, if it has one. */
export function keyOf({ key, computed }: ObjectProperty): string | undefined {
  if (key.type === "StringLiteral") return key.value;
  return key.type === "Identifier" && !computed ? key.name : undefined;
}

/**
 * The object a property holds, written there or as a constant of the module; `undefined` without the
 * property.
 *
 * @throws {CliError} exit 1 when it holds anything else.
 */
export function objectOf(
  { file, statements }: AgentModule,
  owner: ObjectExpression,
  key: string,
): ObjectExpression | undefined {
  const method = owner.properties.find((property) => property.type === "SpreadElement");
  const property = propertyOf(owner, key);
  if (property === undefined) {
    if (method === undefined) return undefined;
    throw refusal(file, `has no ${key} that can be seen, and spreads something that may hold them`);
  }
  const { value } = property;
  const named = value.type === "Identifier"
    ? statements.map((statement) => constants(statement).get(value.name)).find(Boolean)
    : value;
  if (named?.type === "ObjectExpression") return named;
  throw refusal(file, `has ${key} that are not an object written there`);
}
