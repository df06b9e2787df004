/** Reading the files of others: YAML of a training run, the count of a prompt's tokens, settings inside a picture. */

import { uploadedSettings } from "../datasets/uploadedSettings.ts"
import { countTokens, type TokenCount } from "../models/tokens.ts"
import { type ParsedConfig, parseTrainingYaml } from "../runs/trainingYaml.ts"
import { builder } from "./builder.ts"
import { EmbeddingInput } from "./generation.ts"

const ParsedConfigType = builder.objectRef<ParsedConfig>("ParsedConfig").implement({
  fields: (t) => ({
    options: t.expose("options", { type: "JSON", description: "As TrainingOptionsInput." }),
    problems: t.exposeStringList("problems", { description: "What could not be taken over, and why." }),
  }),
})

const TokenCountType = builder.objectRef<TokenCount>("TokenCount").implement({
  fields: (t) => ({
    count: t.exposeInt("count", { description: "With start and end." }),
    limit: t.exposeInt("limit", { description: "What the text encoder sees; the rest is cut off." }),
    exact: t.exposeBoolean("exact", {
      description: "false where the model's vocabulary is not at hand: then there are at least `count`.",
    }),
  }),
})

builder.queryFields((t) => ({
  parseTrainingYaml: t.field({
    type: ParsedConfigType,
    description: "Fjord's or the DreamBooth tutorial's YAML.",
    args: { yaml: t.arg.string({ required: true }) },
    resolve: (_root, { yaml }) => parseTrainingYaml(yaml),
  }),
  countTokens: t.field({
    type: TokenCountType,
    args: {
      baseModelId: t.arg.id(),
      text: t.arg.string({ required: true }),
      embeddings: t.arg({
        type: [EmbeddingInput],
        description: "Whose words stand in the text: each is as many tokens long as its file has vectors.",
      }),
    },
    resolve: (_root, { baseModelId, text, embeddings }, context) =>
      countTokens(context, baseModelId ?? undefined, text, embeddings ?? []),
  }),
  imageSettings: t.field({
    type: "JSON",
    nullable: true,
    description: "The settings inside a PNG that was uploaded (Fjord's or A1111's); null where it has none.",
    args: { uploadId: t.arg.id({ required: true }) },
    resolve: (_root, { uploadId }, context) => uploadedSettings(context, uploadId),
  }),
}))
