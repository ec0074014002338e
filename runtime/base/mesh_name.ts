/**
 * The grammar of names in a mesh.
 *
 * @module
 */

/**
 * Pattern of the names of agents and namespaces, and of agents' ids: lower-case letters, digits and
 * hyphens, with a letter or digit at both ends. They are DNS labels but for their length, which each
 * place bounds on its own.
 */
export const MESH_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
