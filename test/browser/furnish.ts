/** Fills a studio by its API, as much as the pages need to have something to show. */

import type { APIRequestContext, Page } from "playwright-core"

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

type Json = Record<string, unknown>

/** Asks the API as the browser's person would. @returns `data` of a mutation's one field, or of the query. */
export async function ask<Answer>(
  request: APIRequestContext,
  url: string,
  query: string,
  variables: Json = {},
): Promise<Answer> {
  const response = await request.post(`${url}/graphql`, { data: { query, variables }, headers: { origin: url } })
  const { data, errors }: { data?: Json; errors?: { message: string }[] } = await response.json()
  if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join("; "))
  const [field] = Object.values(data ?? {})
  if (typeof field === "object" && field !== null && "message" in field) throw new Error(String(field.message))
  const answer = typeof field === "object" && field !== null && "data" in field ? field.data : data
  return answer as Answer
}

export type Furnished = {
  teamId: string
  datasetId: string
  conceptId: string
  baseModelId: string
  runId: string
  modelId: string
  imageId: string
}

type Present = {
  concepts: { edges: { node: { id: string; dataset: { id: string } } }[] }
  baseModels: { edges: { node: { id: string } }[] }
}

const problem = "__typename ... on Error { message }"

/** The sample concept, a tiny base model, a finished run with samples, a model with a card, and images. Takes half a minute. */
export async function furnish(request: APIRequestContext, url: string, tinyModel: string): Promise<Furnished> {
  const { viewer } = await ask<{ viewer: { memberships: { team: { id: string } }[] } }>(
    request,
    url,
    "{ viewer { memberships { team { id } } } }",
  )
  const teamId = viewer.memberships[0]?.team.id ?? ""
  const present = await ask<Present>(
    request,
    url,
    "query ($teamId: ID!) { concepts(teamId: $teamId, first: 1) { edges { node { id dataset { id } } } } baseModels(teamId: $teamId, first: 1) { edges { node { id } } } }",
    { teamId },
  )
  const concept =
    present.concepts.edges[0]?.node ??
    (await ask<Present["concepts"]["edges"][number]["node"]>(
      request,
      url,
      `mutation ($teamId: ID!) { createSampleConcept(teamId: $teamId) { ${problem} ... on MutationCreateSampleConceptSuccess { data { id dataset { id } } } } }`,
      { teamId },
    ))
  const base =
    present.baseModels.edges[0]?.node ??
    (await ask<{ id: string }>(
      request,
      url,
      `mutation ($teamId: ID!, $location: String!) { addBaseModel(teamId: $teamId, source: FOLDER, location: $location, name: "Tiny") { ${problem} ... on MutationAddBaseModelSuccess { data { id } } } }`,
      { teamId, location: tinyModel },
    ))
  const run = await ask<{ id: string }>(
    request,
    url,
    `mutation ($input: StartTrainingInput!) { startTraining(input: $input) { ${problem} ... on MutationStartTrainingSuccess { data { id } } } }`,
    {
      input: {
        teamId,
        conceptId: concept.id,
        baseModelId: base.id,
        name: "Robot on the fjord",
        options: {
          resolution: 64,
          maxTrainSteps: 12,
          checkpointingSteps: 6,
          validationSteps: 6,
          validationInferenceSteps: 2,
          validationPrompts: [
            "a photo of sks robot",
            "a photo of sks robot on the moon",
            "sks robot in a fjord at sunset",
          ],
        },
      },
    },
  )
  await settled(request, url, run.id)
  const { trainingRun } = await ask<{ trainingRun: { models: { id: string }[]; checkpoints: { id: string }[] } }>(
    request,
    url,
    "query ($id: ID!) { trainingRun(id: $id) { models { id } checkpoints { id } } }",
    { id: run.id },
  )
  const modelId = trainingRun.models[0]?.id ?? ""
  const generation = await ask<{ id: string }>(
    request,
    url,
    `mutation ($input: GenerateImagesInput!) { generateImages(input: $input) { ${problem} ... on MutationGenerateImagesSuccess { data { id } } } }`,
    {
      input: {
        teamId,
        modelId,
        options: { prompt: "a photo of sks robot on a boat in a fjord", steps: 2, numImages: 4 },
      },
    },
  )
  await settled(request, url, generation.id)
  const card = await ask<string>(
    request,
    url,
    `mutation ($id: ID!) { draftModelCard(modelId: $id) { ${problem} ... on MutationDraftModelCardSuccess { data } } }`,
    { id: modelId },
  )
  for (const markdown of [card, `${card}\n## Notes\n\nThe antenna is what it learns last.\n`])
    await ask(
      request,
      url,
      `mutation ($id: ID!, $markdown: String!) { saveModelCard(modelId: $id, markdown: $markdown) { ${problem} ... on MutationSaveModelCardSuccess { data { id } } } }`,
      { id: modelId, markdown },
    )
  const images = await ask<{ generatedImages: { edges: { node: { id: string } }[] } }>(
    request,
    url,
    "query ($id: ID!) { generatedImages(teamId: $id, first: 1) { edges { node { id } } } }",
    { id: teamId },
  )
  return {
    teamId,
    datasetId: concept.dataset.id,
    conceptId: concept.id,
    baseModelId: base.id,
    runId: run.id,
    modelId,
    imageId: images.generatedImages.edges[0]?.node.id ?? "",
  }
}

/** Waits until a run has succeeded. @throws when it ends otherwise, or not within five minutes. */
export async function settled(request: APIRequestContext, url: string, id: string) {
  for (const end = Date.now() + 300_000; Date.now() < end; ) {
    const { run } = await ask<{ run: { status: string; failure: { message: string; cause: string } | null } }>(
      request,
      url,
      "query ($id: ID!) { run(id: $id) { status failure { message cause } } }",
      { id },
    )
    if (run.status === "SUCCEEDED") return
    if (run.status === "FAILED" || run.status === "CANCELLED")
      throw new Error(`The run is ${run.status}: ${run.failure?.message} ${run.failure?.cause}`)
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  throw new Error("The run did not end within five minutes.")
}
