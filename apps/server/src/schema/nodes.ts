/** Every type that has an id, by name, so that nouns can refer to each other; the file of a noun adds its fields. */

import { builder } from "./builder.ts"

const typeOfKind = { TRAINING: "TrainingRun", GENERATION: "Generation", TRANSFER: "Transfer" } as const

export const Run = builder.prismaInterface("Run", {
  name: "Run",
  interfaces: [builder.nodeInterfaceRef()],
  description: "Work for a worker: training, generation or a transfer.",
  resolveType: ({ kind }) => typeOfKind[kind],
})

export const ApiToken = builder.prismaNode("ApiToken", {
  id: { field: "id" },
  description: "A token for programs, sent as `Authorization: Bearer …`.",
})

export const Backup = builder.prismaNode("Backup", {
  id: { field: "id" },
  description: "A backup of the whole studio: rows and files.",
})

export const BaseModel = builder.prismaNode("BaseModel", {
  id: { field: "id" },
  description: "A Stable Diffusion model to start from.",
})

export const Board = builder.prismaNode("Board", {
  id: { field: "id" },
  description: "A collection of generated images.",
})

export const Checkpoint = builder.prismaNode("Checkpoint", {
  id: { field: "id" },
  description: "A saved step of a training run: enough to resume it or to draw with it.",
})

export const Concept = builder.prismaNode("Concept", {
  id: { field: "id" },
  description: "A subject: its identifier, its class noun and its pictures.",
})

export const DatasetVersion = builder.prismaNode("DatasetVersion", {
  id: { field: "id" },
  description: "The images and captions of a data set as a run used them; never changed.",
})

export const Dataset = builder.prismaNode("Dataset", {
  id: { field: "id" },
  description: "Pictures with captions.",
})

export const GeneratedImage = builder.prismaNode("GeneratedImage", {
  id: { field: "id" },
  description: "An image made from a prompt.",
})

export const Generation = builder.prismaNode("Run", {
  variant: "Generation",
  id: { field: "id" },
  interfaces: [Run],
  description: "Images from a prompt.",
})

export const Image = builder.prismaNode("Image", {
  id: { field: "id" },
  description: "A picture of a data set.",
})

export const Invitation = builder.prismaNode("Invitation", {
  id: { field: "id" },
  description: "An open door into a team, for whoever has its link.",
})

export const Model = builder.prismaNode("Model", {
  id: { field: "id" },
  description: "A publishable result of a training run.",
})

export const ModelCardVersion = builder.prismaNode("ModelCardVersion", {
  id: { field: "id" },
})

export const ModelCard = builder.prismaNode("ModelCard", {
  id: { field: "id" },
})

export const Preset = builder.prismaNode("Preset", {
  id: { field: "id" },
  description: "Options of training worth keeping.",
})

export const Sample = builder.prismaNode("Sample", {
  id: { field: "id" },
  description: "An image made during training, from a validation prompt.",
})

export const Session = builder.prismaNode("Session", {
  id: { field: "id" },
  description: "A browser in which the viewer is signed in.",
})

export const ShareLink = builder.prismaNode("ShareLink", {
  id: { field: "id" },
  description: "Shows exactly one thing, read-only, to whoever has the link.",
})

export const Member = builder.prismaNode("Member", {
  id: { field: "id" },
  description: "A person in a team.",
})

export const Team = builder.prismaNode("Team", {
  id: { field: "id" },
  description: "People who share data sets, runs and models.",
})

export const TrainingRun = builder.prismaNode("Run", {
  variant: "TrainingRun",
  id: { field: "id" },
  interfaces: [Run],
  description: "DreamBooth on a data set.",
})

export const Transfer = builder.prismaNode("Run", {
  variant: "Transfer",
  id: { field: "id" },
  interfaces: [Run],
  description: "Files on their way to or from the Hub, or into the studio.",
})

export const User = builder.prismaNode("User", {
  id: { field: "id" },
  description: "A person with an account.",
})

export const WebhookDelivery = builder.prismaNode("WebhookDelivery", {
  id: { field: "id" },
})

export const Webhook = builder.prismaNode("Webhook", {
  id: { field: "id" },
  description: "An address that is told of events of the team's runs.",
})

export const Worker = builder.prismaNode("Worker", {
  id: { field: "id" },
  description: "A process that computes runs.",
})
