/** Names under which captions are commonly kept, in order of preference. */
export const captionColumns: readonly string[] = ["text", "caption", "prompt"]
