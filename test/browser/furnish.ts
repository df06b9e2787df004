/** Fills a studio by its API, as much as the pages need to have something to show. */

import type { APIRequestContext, Page } from "playwright-core"
import { type StudioApi, studioApi } from "./studioApi.ts"

export const person = { name: "Ada Berg", email: "ada@example.org", password: "a long password" }

/** Makes the first account; the page is signed in afterwards. */
export async function signUp(page: Page, url: string) {
  await page.goto(`${url}/sign-up`)
  await page.getByLabel("Name", { exact: true }).fill(person.name)
  await page.getByLabel("Email").fill(person.email)
  await page.getByLabel("Password").fill(person.password)
  await page.getByRole("button", { name: "Create account" }).click()
  await page.getByRole("heading", { name: /Hello/ }).waitFor({ timeout: 30_000 })
}

/** How much is made of what. */
export type Furniture = {
  /** What `addBaseModel` takes, where the studio does not have it yet. */
  readonly baseModel: { readonly source: "FOLDER" | "STARTER"; readonly location: string; readonly name: string }
  readonly training: Readonly<Record<string, unknown>>
  readonly generation: Readonly<Record<string, unknown>>
  /** One generation each. */
  readonly prompts: readonly string[]
}

/** Seconds of work with a model of random weights. */
export const tinyFurniture = (tinyModel: string): Furniture => ({
  baseModel: { source: "FOLDER", location: tinyModel, name: "tiny" },
  training: {
    resolution: 64,
    maxTrainSteps: 12,
    checkpointingSteps: 4,
    validationSteps: 6,
    validationInferenceSteps: 2,
    validationPrompts: ["a photo of sks robot", "a photo of sks robot on the moon", "sks robot in a fjord at sunset"],
  },
  generation: { steps: 2, numImages: 4 },
  prompts: ["a photo of sks robot on a boat in a fjord"],
})

export type Furnished = {
  teamId: string
  datasetId: string
  conceptId: string
  baseModelId: string
  runId: string
  modelId: string
  imageId: string
  boardId: string
  transferId: string
  /** Paths for people without an account. */
  invitation: string
  shared: { card: string; run: string; board: string }
}

/** The sample concept, a base model, a finished run with samples, models with a card, images, a board, links. */
export async function furnish(request: APIRequestContext, url: string, furniture: Furniture): Promise<Furnished> {
  const api = studioApi(request, url)
  const { viewer } = await api.ask<{ viewer: { memberships: { team: { id: string } }[] } }>(
    "{ viewer { memberships { team { id } } } }",
  )
  const teamId = viewer.memberships[0]?.team.id ?? ""
  const { conceptId, datasetId, base } = await materials(api, teamId, furniture)
  const run = await api.act<{ id: string }>(
    "startTraining",
    {
      input: [
        "StartTrainingInput!",
        {
          teamId,
          conceptId,
          baseModelId: base.id,
          name: "Robot on the fjord",
          // As the form does: what suits the base model, where nothing else is wanted.
          options: { ...base.settings.lora, ...furniture.training },
        },
      ],
    },
    "{ id }",
  )
  await api.settled(run.id)
  const { trainingRun } = await api.ask<{
    trainingRun: { models: { id: string }[]; checkpoints: { id: string; step: number }[] }
  }>("query ($id: ID!) { trainingRun(id: $id) { models { id } checkpoints { id step } } }", { id: run.id })
  const modelId = trainingRun.models[0]?.id ?? ""
  const images = await draw(api, teamId, modelId, furniture.prompts, {
    ...base.settings.generation,
    ...furniture.generation,
  })
  await writeCard(api, modelId)
  const transferId = await promote(api, teamId, trainingRun.checkpoints[0])
  const board = await api.act<{ id: string }>(
    "createBoard",
    { teamId: ["ID!", teamId], name: ["String!", "On the water"] },
    "{ id }",
  )
  await api.act("moveToBoard", { imageIds: ["[ID!]!", images.slice(0, 4)], boardId: ["ID", board.id] }, "{ id }")
  await api.act("setFavourite", { imageIds: ["[ID!]!", images.slice(1, 2)], favourite: ["Boolean!", true] }, "{ id }")
  const share = (kind: string, targetId: string) =>
    pathOf(api.act("createShareLink", { kind: ["ShareKind!", kind], targetId: ["ID!", targetId] }, "{ url }"))
  return {
    teamId,
    datasetId,
    conceptId,
    baseModelId: base.id,
    runId: run.id,
    modelId,
    imageId: images[0] ?? "",
    boardId: board.id,
    transferId,
    invitation: await pathOf(
      api.act("inviteMember", { teamId: ["ID!", teamId], role: ["Role!", "EDITOR"] }, "{ url }"),
    ),
    shared: {
      card: await share("MODEL_CARD", modelId),
      run: await share("RUN", run.id),
      board: await share("BOARD", board.id),
    },
  }
}

const pathOf = async (made: Promise<{ url: string }>): Promise<string> => new URL((await made).url).pathname

type BaseModel = { id: string; source: string; location: string; settings: { lora: object; generation: object } }
const baseModelFields = "id source location settings { lora generation }"

type Present = {
  concepts: { edges: { node: { id: string; dataset: { id: string } } }[] }
  baseModels: { edges: { node: BaseModel }[] }
}

/** What training starts from; what the studio has already is taken. */
async function materials(api: StudioApi, teamId: string, { baseModel }: Furniture) {
  const present = await api.ask<Present>(
    `query ($teamId: ID!) { concepts(teamId: $teamId, first: 1) { edges { node { id dataset { id } } } } baseModels(teamId: $teamId, first: 40) { edges { node { ${baseModelFields} } } } }`,
    { teamId },
  )
  const concept =
    present.concepts.edges[0]?.node ??
    (await api.act<Present["concepts"]["edges"][number]["node"]>(
      "createSampleConcept",
      { teamId: ["ID!", teamId] },
      "{ id dataset { id } }",
    ))
  const base =
    present.baseModels.edges.find(
      ({ node }) =>
        node.source === baseModel.source && (node.source === "STARTER" || node.location === baseModel.location),
    )?.node ??
    (await api.act<BaseModel>(
      "addBaseModel",
      {
        teamId: ["ID!", teamId],
        source: ["BaseModelSource!", baseModel.source],
        location: ["String!", baseModel.location],
        name: ["String", baseModel.name],
      },
      `{ ${baseModelFields} }`,
    ))
  return { conceptId: concept.id, datasetId: concept.dataset.id, base }
}

/** @returns the images, the latest first. */
async function draw(
  api: StudioApi,
  teamId: string,
  modelId: string,
  prompts: Furniture["prompts"],
  generation: object,
) {
  for (const [index, prompt] of prompts.entries()) {
    const options = { ...generation, prompt, seed: 100 * (index + 1) }
    const drawn = await api.act<{ id: string }>(
      "generateImages",
      { input: ["GenerateImagesInput!", { teamId, modelId, options }] },
      "{ id }",
    )
    await api.settled(drawn.id)
  }
  const { generatedImages } = await api.ask<{ generatedImages: { edges: { node: { id: string } }[] } }>(
    "query ($id: ID!) { generatedImages(teamId: $id, first: 40) { edges { node { id } } } }",
    { id: teamId },
  )
  return generatedImages.edges.map(({ node }) => node.id)
}

async function writeCard(api: StudioApi, modelId: string) {
  const card = await api.act<string>("draftModelCard", { modelId: ["ID!", modelId] })
  for (const markdown of [card, `${card}\n## Notes\n\nThe antenna is what it learns last.\n`])
    await api.act("saveModelCard", { modelId: ["ID!", modelId], markdown: ["String!", markdown] }, "{ id }")
}

/** Makes a model of a checkpoint. @returns the run that writes its files. */
async function promote(api: StudioApi, teamId: string, checkpoint: { id: string; step: number } | undefined) {
  if (checkpoint === undefined) throw new Error("The run left no checkpoint to make a model of.")
  await api.act(
    "promoteCheckpoint",
    { checkpointId: ["ID!", checkpoint.id], name: ["String!", `Robot, step ${checkpoint.step}`] },
    "{ id }",
  )
  const { transfers } = await api.ask<{ transfers: { edges: { node: { id: string } }[] } }>(
    "query ($teamId: ID!) { transfers(teamId: $teamId, first: 1) { edges { node { id } } } }",
    { teamId },
  )
  const id = transfers.edges[0]?.node.id ?? ""
  await api.settled(id)
  return id
}
