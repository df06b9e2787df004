import type { ModelKind } from "../../graphql/generated/graphql.ts"

export const kindNames: Readonly<Record<ModelKind, string>> = {
  FULL: "Full model",
  LORA: "LoRA",
  EMBEDDING: "Embedding",
}
