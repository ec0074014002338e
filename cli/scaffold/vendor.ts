/**
 * The vendors that providers are scaffolded for: each one's usual model and tags here, its address and
 * variables from the runtime.
 *
 * @module
 */
import { endpointVariables, vendorOf } from "../../runtime/llm/engine/endpoint.ts";
import { VENDORS } from "../../runtime/llm/engine/vendors.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";
import { usageError } from "../base/exit.ts";

/** A vendor's model as a provider offers it. */
export interface VendorChoice {
  /** As the user calls it, such as `claude`. */
  name: string;
  /** LiteLLM name. */
  model: string;
  /** What consumers select it by. */
  tags: string[];
  /** The hosts its code asks. */
  hosts: string[];
  /** Names and prefixes of the variables it reads. */
  variables: string[];
  /** Variable that holds the key. */
  keyVariable: string;
  /** Variable that names another base URL. */
  baseUrlVariable: string;
}

const PRESETS: Record<string, { model: string; tags: string[] }> = {
  claude: { model: "anthropic/claude-sonnet-4-5", tags: ["claude", "anthropic"] },
  openai: { model: "openai/gpt-4o-mini", tags: ["openai", "gpt"] },
  gemini: { model: "gemini/gemini-2.5-flash", tags: ["gemini", "google"] },
  "litellm-fallback": { model: "openai/gpt-4o-mini", tags: ["fallback"] },
};

/** Vendors that need no `--model`. */
export const PRESET_VENDORS: readonly string[] = Object.keys(PRESETS);

/**
 * What is known of a vendor.
 *
 * @param name One of {@linkcode PRESET_VENDORS}, or with a model any vendor the runtime knows.
 * @param model LiteLLM name of the model; it decides who is asked.
 * @throws {CliError} exit 2 for an unknown vendor or model.
 */
export function chooseVendor(name: string, model: string | undefined): VendorChoice {
  const preset = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  const known = VENDORS.flatMap(({ prefixes }) => prefixes);
  if (preset === undefined && (model === undefined || !known.includes(name))) {
    throw usageError(
      known.includes(name)
        ? `vendor ${name} has no usual model`
        : `"${name}" is no vendor of language models`,
      known.includes(name)
        ? `Name one, such as --model ${name}/<model>.`
        : didYouMean(name, [...PRESET_VENDORS, ...known]) ??
          `Write one of ${PRESET_VENDORS.join(", ")}.`,
    );
  }
  const wanted = model ?? preset?.model ?? "";
  const vendor = VENDORS.find(({ prefixes }) => prefixes[0] === vendorOf(wanted));
  if (vendor === undefined) {
    throw usageError(
      `the vendor of model "${wanted}" is not known`,
      "Write it as vendor/model, such as anthropic/claude-sonnet-4-5.",
    );
  }
  return {
    name,
    model: wanted,
    tags: preset?.tags ?? [name],
    hosts: hostsOf(vendor.baseUrl),
    variables: variablePatterns(endpointVariables([wanted])),
    keyVariable: vendor.keyVariables[0] ?? "",
    baseUrlVariable: vendor.baseUrlVariables[0] ?? "",
  };
}

/**
 * What `--vendor` calls the vendor of a model: of those with a usual model, the first that is its
 * vendor's.
 *
 * @param model LiteLLM name.
 */
export function vendorNameOf(model: string): string {
  const vendor = vendorOf(model);
  const preset = Object.entries(PRESETS).find(([, usual]) => vendorOf(usual.model) === vendor);
  return preset?.[0] ?? vendor;
}

/** The tag by which a consumer prefers a vendor's provider. */
export function vendorTag(name: string): string {
  return PRESETS[name]?.tags[0] ?? name;
}

/** A base URL with placeholders has a host only its user knows. */
function hostsOf(baseUrl: string): string[] {
  return baseUrl.includes("{") ? [] : [new URL(baseUrl).hostname];
}

/** `OPENAI_API_KEY` and `OPENAI_BASE_URL` as `OPENAI_*`; a name with no sibling stays. */
function variablePatterns(names: string[]): string[] {
  const prefix = (name: string) => `${name.split("_")[0]}_`;
  const patterns = names.map((name) =>
    names.filter((other) => other.startsWith(prefix(name))).length > 1 ? `${prefix(name)}*` : name
  );
  return [...new Set(patterns)].toSorted();
}
