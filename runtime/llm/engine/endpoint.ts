/**
 * Where a model is: from its LiteLLM name and the environment to a base URL, a key and the traits of
 * what answers there. Pure.
 *
 * @module
 */
import type { Environment } from "../../base/environment.ts";
import { LITELLM_PROXY, STANDARD, type Traits, type Vendor, VENDORS } from "./vendors.ts";

/** What a provider may say about its models beside their names. */
export interface EndpointOverrides {
  /** Base URL of an OpenAI-compatible endpoint to use instead of the vendor's. */
  readonly baseUrl?: string | undefined;
  /** Environment variable that holds the key, instead of the vendor's. */
  readonly keyVariable?: string | undefined;
}

/** A model that can be asked. */
export interface ModelEndpoint {
  /** Its LiteLLM name, such as `openai/gpt-4o-mini`. */
  readonly name: string;
  readonly vendor: string;
  /** What the endpoint calls it. */
  readonly model: string;
  readonly baseUrl: string;
  /** Secret. */
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly traits: Traits;
}

/** A model that cannot be asked. */
export interface MissingModel {
  readonly name: string;
  /** Why not, such as `OPENAI_API_KEY is not set`. */
  readonly problem: string;
}

/** Whether a model can be asked. */
export function isReady(found: ModelEndpoint | MissingModel): found is ModelEndpoint {
  return "baseUrl" in found;
}

/** A model's vendor, and its name without the vendor's. */
interface Named {
  readonly vendor: Vendor | undefined;
  readonly model: string;
}

function named(name: string): Named {
  const slash = name.indexOf("/");
  const prefix = name.slice(0, Math.max(slash, 0));
  for (const vendor of [...VENDORS, LITELLM_PROXY]) {
    if (vendor.prefixes.includes(prefix)) return { vendor, model: name.slice(slash + 1) };
    if (slash < 0 && vendor.bareNames?.test(name) === true) return { vendor, model: name };
  }
  return { vendor: undefined, model: name };
}

/** What a model's vendor is called; `unknown` for one of no known vendor. */
export function vendorOf(name: string): string {
  return named(name).vendor?.prefixes[0] ?? "unknown";
}

/** The environment variables that decide where models are. */
export function endpointVariables(
  names: readonly string[],
  { keyVariable }: EndpointOverrides = {},
): string[] {
  const vendors = names.flatMap((name) => named(name).vendor ?? []);
  const variables = [...vendors, LITELLM_PROXY].flatMap((vendor) => [
    ...placeholders(vendor.baseUrl),
    ...vendor.baseUrlVariables,
    ...vendor.keyVariables,
    ...Object.values(vendor.headers),
  ]);
  return [...new Set(keyVariable === undefined ? variables : [keyVariable, ...variables])];
}

/**
 * Where a model is.
 *
 * A base URL of the provider's own beats `LITELLM_BASE_URL`, which sends everything through a
 * proxy; that beats the vendor's own variable, and that the table.
 */
export function endpointOf(
  name: string,
  environment: Environment,
  overrides: EndpointOverrides = {},
): ModelEndpoint | MissingModel {
  const { vendor, model } = named(name);
  const proxy = first(LITELLM_PROXY.baseUrlVariables, environment);
  if (overrides.baseUrl === undefined && proxy !== undefined) {
    return throughProxy(name, { vendor, model }, proxy, environment, overrides);
  }
  if (vendor === undefined && overrides.baseUrl === undefined) {
    return {
      name,
      problem: `model "${name}" is of no known vendor: write it as vendor/model, give a baseUrl, ` +
        "or set LITELLM_BASE_URL",
    };
  }
  const baseUrl = baseUrlOf(vendor, environment, overrides);
  if (baseUrl === undefined) {
    return { name, problem: `${unset(placeholders(vendor?.baseUrl ?? ""), environment)} not set` };
  }
  const keyVariables = overrides.keyVariable === undefined
    ? vendor?.keyVariables ?? []
    : [overrides.keyVariable];
  const key = first(keyVariables, environment);
  const needsKey = overrides.keyVariable !== undefined || vendor?.needsKey === true;
  if (key === undefined && needsKey) {
    return { name, problem: `${keyVariables.join(" or ")} is not set` };
  }
  return {
    name,
    vendor: vendor?.prefixes[0] ?? "unknown",
    model,
    baseUrl,
    key,
    headers: headersOf(vendor, environment),
    traits: traitsOf(vendor, model),
  };
}

function throughProxy(
  name: string,
  { vendor, model }: Named,
  baseUrl: string,
  environment: Environment,
  { keyVariable }: EndpointOverrides,
): ModelEndpoint {
  const { structured, structuredWithTools, parallelSwitch } = LITELLM_PROXY.traits;
  return {
    name,
    vendor: vendor?.prefixes[0] ?? "unknown",
    // The proxy knows its models by their whole names.
    model: vendor === LITELLM_PROXY ? model : name,
    baseUrl: trimmed(baseUrl),
    key: first(
      keyVariable === undefined ? LITELLM_PROXY.keyVariables : [keyVariable],
      environment,
    ),
    headers: {},
    traits: { ...traitsOf(vendor, model), structured, structuredWithTools, parallelSwitch },
  };
}

function baseUrlOf(
  vendor: Vendor | undefined,
  environment: Environment,
  { baseUrl }: EndpointOverrides,
): string | undefined {
  if (baseUrl !== undefined) return trimmed(baseUrl);
  if (vendor === undefined) return undefined;
  const given = first(vendor.baseUrlVariables, environment);
  if (given !== undefined) {
    const url = trimmed(given);
    return /^[a-z]+:\/\/[^/]+$/i.test(url) ? url + vendor.path : url;
  }
  if (placeholders(vendor.baseUrl).some((variable) => !environment[variable])) return undefined;
  return vendor.baseUrl.replaceAll(
    PLACEHOLDER,
    (_, variable: string) => trimmed(environment[variable] ?? ""),
  );
}

const PLACEHOLDER = /\{([A-Z0-9_]+)\}/g;

function placeholders(template: string): string[] {
  return [...new Set(Array.from(template.matchAll(PLACEHOLDER), ([, name = ""]) => name))];
}

function unset(variables: readonly string[], environment: Environment): string {
  const missing = variables.filter((variable) => !environment[variable]);
  return `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"}`;
}

function traitsOf(vendor: Vendor | undefined, model: string): Traits {
  const { traits = STANDARD, models = [] } = vendor ?? {};
  return models.reduce(
    (traits, [pattern, own]) => pattern.test(model) ? { ...traits, ...own } : traits,
    traits,
  );
}

function headersOf(vendor: Vendor | undefined, environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(vendor?.headers ?? {}).flatMap(([header, variable]) => {
      const value = environment[variable]?.trim();
      return value ? [[header, value]] : [];
    }),
  );
}

/** The first variable that says something; a key copied with its line end is still a key. */
function first(variables: readonly string[], environment: Environment): string | undefined {
  for (const variable of variables) {
    const value = environment[variable]?.trim();
    if (value) return value;
  }
  return undefined;
}

function trimmed(url: string): string {
  return url.trim().replace(/\/+$/, "");
}
