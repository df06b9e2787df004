/** Addresses to which files are sent; the bytes never pass through GraphQL. */

import { requestModelUpload, requestUploads, type UploadAddress } from "../datasets/uploads.ts"
import { builder } from "./builder.ts"

const UploadAddressType = builder.objectRef<UploadAddress>("UploadAddress").implement({
  description: "Where one file is to be sent, with PUT and its bytes as the body.",
  fields: (t) => ({
    uploadId: t.exposeID("uploadId"),
    url: t.exposeString("url", {
      description:
        "Answers JSON: { images: [{ id, name }], skipped: [{ name, problem }] }, { contents } for a model's file, or { problem }.",
    }),
    expiresAt: t.expose("expiresAt", { type: "DateTime" }),
  }),
})

const UploadFileInput = builder.inputType("UploadFileInput", {
  fields: (t) => ({
    name: t.string({
      required: true,
      description:
        "A picture, a ZIP archive, a .txt caption, metadata.csv or metadata.jsonl; for a model, a .safetensors file.",
    }),
    byteSize: t.float(),
  }),
})

builder.mutationFields((t) => ({
  requestUploads: t.field({
    type: [UploadAddressType],
    errors: {},
    description: "One signed address per file, valid for an hour; at most 1000 at once.",
    args: {
      datasetId: t.arg.id({ required: true }),
      files: t.arg({ type: [UploadFileInput], required: true }),
    },
    resolve: (_root, { datasetId, files }, context) => requestUploads(context, datasetId, files),
  }),
  requestModelUpload: t.field({
    type: UploadAddressType,
    errors: {},
    description: "A signed address for a .safetensors file, valid for an hour; `importFile` makes a model of it.",
    args: {
      teamId: t.arg.id({ required: true }),
      file: t.arg({ type: UploadFileInput, required: true }),
    },
    resolve: (_root, { teamId, file }, context) => requestModelUpload(context, teamId, file),
  }),
}))
