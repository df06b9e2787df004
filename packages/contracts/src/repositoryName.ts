/**
 * A name that the Hub takes, of a name that people give: letters, digits, ".", "-" and "_". A drafted card names the
 * repository before there is one, so that whoever publishes must come to the same name.
 */
export const repositoryName = (name: string): string =>
  name
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^\w.-]+/g, "-")
    .replace(/-{2,}/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "") || "fjord"
