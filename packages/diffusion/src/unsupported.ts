/** A model, a file or an option that is well-formed but asks for something Fjord does not do. One sentence for a person. */
export class UnsupportedError extends Error {
  override readonly name = "UnsupportedError"
}
