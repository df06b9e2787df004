/** Tells a person in one sentence why a process did not start, and what to do. */
export class Refusal extends Error {
  override readonly name = "Refusal"
}
