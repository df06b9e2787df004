/** Images of data sets and what is said against them. */

import { deleteImages, editImage, restoreImages, updateCaptions } from "../datasets/images.ts"
import { type ImageWarningShape, imageWarnings, warningKinds } from "../datasets/warnings.ts"
import { fileUrl, thumbnailUrl } from "../files/address.ts"
import { builder } from "./builder.ts"
import { Image } from "./nodes.ts"

export const WarningKind = builder.enumType("WarningKind", { values: warningKinds })

const ImageWarning = builder.objectRef<ImageWarningShape>("ImageWarning").implement({
  description: "What may spoil training with this image.",
  fields: (t) => ({
    kind: t.expose("kind", { type: WarningKind }),
    message: t.exposeString("message"),
    fix: t.exposeString("fix", { description: "What to do." }),
    caption: t.exposeString("caption", { nullable: true, description: "A caption that mends it." }),
    resolution: t.exposeInt("resolution", {
      nullable: true,
      description: "A resolution of training at which it is none.",
    }),
    otherImage: t.field({
      type: Image,
      nullable: true,
      description: "The image that looks the same.",
      resolve: ({ otherImageId }, _args, { loaders }) =>
        otherImageId === undefined ? null : loaders.image(otherImageId).then((image) => image ?? null),
    }),
  }),
})

builder.prismaObjectFields(Image, (t) => ({
  name: t.exposeString("name", { description: "The name under which it was uploaded; never a path." }),
  caption: t.exposeString("caption"),
  width: t.exposeInt("width"),
  height: t.exposeInt("height"),
  hash: t.exposeString("hash", { description: "SHA-256 of its bytes." }),
  byteSize: t.float({
    select: { file: { select: { byteSize: true } } },
    resolve: ({ file }) => Number(file.byteSize),
  }),
  url: t.string({
    select: { hash: true, dataset: { select: { teamId: true } } },
    resolve: ({ hash, dataset }, _args, context) => fileUrl(context, dataset.teamId, hash),
  }),
  thumbnailUrl: t.string({
    args: { size: t.arg.int({ required: true, defaultValue: 256 }) },
    select: { hash: true, dataset: { select: { teamId: true } } },
    resolve: ({ hash, dataset }, { size }, context) => thumbnailUrl(context, dataset.teamId, hash, size),
  }),
  sharpness: t.exposeFloat("sharpness", {
    description: "Variance of the Laplacian of the luminance at 512 pixels; low means blurred.",
  }),
  warnings: t.field({
    type: [ImageWarning],
    resolve: (image, _args, context) => imageWarnings(context, image),
  }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
  updatedAt: t.expose("updatedAt", { type: "DateTime" }),
}))

const CaptionEditInput = builder.inputType("CaptionEditInput", {
  fields: (t) => ({ imageId: t.id({ required: true }), caption: t.string({ required: true }) }),
})

const CropInput = builder.inputType("CropInput", {
  description: "A rectangle in pixels of the turned picture.",
  fields: (t) => ({
    x: t.int({ required: true }),
    y: t.int({ required: true }),
    width: t.int({ required: true }),
    height: t.int({ required: true }),
  }),
})

const RemovedImageInput = builder.inputType("RemovedImageInput", {
  description: "A picture as it was when it was deleted.",
  fields: (t) => ({
    datasetId: t.id({ required: true }),
    hash: t.string({ required: true }),
    name: t.string({ required: true }),
    caption: t.string({ required: true }),
    createdAt: t.field({ type: "DateTime", required: true, description: "Its place in the list." }),
  }),
})

builder.mutationFields((t) => ({
  updateImage: t.field({
    type: Image,
    errors: {},
    args: { id: t.arg.id({ required: true }), caption: t.arg.string({ required: true }) },
    resolve: async (_root, { id, caption }, context) => {
      const [image] = await updateCaptions(context, [{ imageId: id, caption }])
      return image
    },
  }),
  updateCaptions: t.field({
    type: [Image],
    errors: {},
    description: "All edits or none; at most 1000.",
    args: { edits: t.arg({ type: [CaptionEditInput], required: true }) },
    resolve: (_root, { edits }, context) => updateCaptions(context, edits),
  }),
  deleteImages: t.field({
    type: ["ID"],
    errors: {},
    args: { ids: t.arg.idList({ required: true }) },
    resolve: (_root, { ids }, context) => deleteImages(context, ids),
  }),
  restoreImages: t.field({
    type: [Image],
    errors: {},
    description: "Takes back deleteImages; possible for some hours, while the bytes are kept. At most 1000.",
    args: { images: t.arg({ type: [RemovedImageInput], required: true }) },
    resolve: (_root, { images }, context) => restoreImages(context, images),
  }),
  editImage: t.field({
    type: Image,
    errors: {},
    description: "Turns the picture by quarter turns (90, 180, 270 degrees clockwise), then crops it.",
    args: { id: t.arg.id({ required: true }), rotate: t.arg.int(), crop: t.arg({ type: CropInput }) },
    resolve: (_root, { id, rotate, crop }, context) =>
      editImage(context, id, { rotate: rotate ?? 0, crop: crop ?? undefined }),
  }),
}))
