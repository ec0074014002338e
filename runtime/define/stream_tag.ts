/** The tag of a provider's tool that streams. */
export const STREAM_TAG = "ai.mcpmesh.stream";
