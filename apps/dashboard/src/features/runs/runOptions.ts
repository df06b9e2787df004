/** The options inside a run's stored configuration. */

export function runOptions(config: unknown): Record<string, unknown> {
  if (typeof config !== "object" || config === null) return {}
  if ("options" in config && typeof config.options === "object" && config.options !== null) return { ...config.options }
  return { ...config }
}

/** learningRate → learning_rate, as in YAML; use8bitAdam → use_8bit_adam. */
export const toSnakeCase = (name: string): string =>
  name.replace(/([a-z])(\d)/g, "$1_$2").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
