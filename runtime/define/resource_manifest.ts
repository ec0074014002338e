/**
 * What an agent module says about one of its resources.
 *
 * @module
 */
import { dependencyManifests } from "./dependency_manifest.ts";
import { resourceKey, type ResourceManifest } from "./manifest.ts";
import type { Resource } from "./resource.ts";

/** Describes one resource. */
export function resourceManifest(name: string, resource: Resource): ResourceManifest {
  return {
    key: resourceKey(name),
    name,
    uri: resource.uri,
    isTemplate: resource.variables.length > 0,
    title: resource.title,
    description: resource.description,
    mimeType: resource.mimeType,
    completes: Object.keys(resource.complete),
    dependencies: dependencyManifests(resource.dependencies),
  };
}
