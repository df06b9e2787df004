/**
 * The whole job over HTTP and WebSocket alone, as a program of yours would do it: sign up, token, data set, five
 * pictures, training with live losses, generation, the finished PNG.
 *
 *     node test/journey.ts --url http://localhost:4100 [--model FOLDER] [--steps 20] [--out journey.png]
 *
 * It needs a studio that nobody has signed up to yet, or FJORD_EMAIL and FJORD_PASSWORD of an account there. Without
 * --model it trains on the starter model.
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

// biome-ignore lint/suspicious/noExplicitAny: what comes back is what the query asked for
type Json = any

export type JourneyOptions = {
  readonly url: string
  /** A model in diffusers' layout on the worker's machine; absent means the starter model. */
  readonly model?: string | undefined
  readonly pictures: readonly string[]
  readonly steps: number
  readonly resolution?: number | undefined
  readonly email: string
  readonly password: string
  readonly say: (line: string) => void
}

export type Journey = { readonly losses: readonly number[]; readonly events: readonly Json[]; readonly png: Buffer }

/** Sends an operation; a mutation's expected errors and the protocol's come out as exceptions. */
export async function ask(
  url: string,
  authorization: Record<string, string>,
  query: string,
  variables: object = {},
): Promise<Json> {
  const response = await fetch(new URL("/graphql", url), {
    method: "POST",
    headers: { "content-type": "application/json", ...authorization },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await response.json()) as Json
  if (errors !== undefined) throw new Error(errors[0].message)
  for (const [field, result] of Object.entries<Json>(data))
    if (result?.message !== undefined) throw new Error(`${field}: ${result.message}`)
  return data
}

/** Signs up, or in where the account exists. @returns its cookie */
export async function signIn({
  url,
  email,
  password,
}: Pick<JourneyOptions, "url" | "email" | "password">): Promise<Record<string, string>> {
  const post = (path: string, body: object) =>
    fetch(new URL(`/api/auth/${path}`, url), {
      method: "POST",
      headers: { "content-type": "application/json", origin: new URL(url).origin },
      body: JSON.stringify(body),
    })
  const known = await post("sign-in/email", { email, password })
  const answer = known.ok ? known : await post("sign-up/email", { name: "Ada", email, password })
  if (!answer.ok) throw new Error(`Signing up failed: ${await answer.text()}`)
  return {
    cookie: answer.headers
      .getSetCookie()
      .map((cookie) => cookie.split(";")[0])
      .join("; "),
  }
}

/** Follows a run by the graphql-transport-ws protocol until it has ended. */
export async function followRun(
  url: string,
  token: string,
  runId: string,
  onEvent: (event: Json) => void,
): Promise<void> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws")
  const query = `subscription ($runId: ID!, $after: Int!) { runEvents(runId: $runId, after: $after) { events { seq type data } } }`
  const { promise, resolve: finish, reject } = Promise.withResolvers<void>()
  const send = (message: object) => socket.send(JSON.stringify(message))
  socket.onopen = () => send({ type: "connection_init", payload: { authorization: `Bearer ${token}` } })
  socket.onclose = ({ code, reason }) => reject(new Error(`The connection was closed: ${code} ${reason}`))
  socket.onmessage = ({ data }) => {
    const message: Json = JSON.parse(data)
    if (message.type === "connection_ack")
      send({ id: "1", type: "subscribe", payload: { query, variables: { runId, after: 0 } } })
    else if (message.type === "ping") send({ type: "pong" })
    else if (message.type === "error") reject(new Error(message.payload[0].message))
    else if (message.type === "complete") finish()
    else if (message.type === "next") for (const event of message.payload.data.runEvents.events) onEvent(event)
  }
  await promise.finally(() => socket.close())
}

/** @throws Error when the run does not succeed. */
async function runToItsEnd(url: string, token: string, runId: string, onEvent: (event: Json) => void) {
  let last: Json
  await followRun(url, token, runId, (event) => {
    if (event.type === "StatusChanged") last = event.data
    onEvent(event)
  })
  if (last?.status !== "SUCCEEDED")
    throw new Error(`The run ended as ${last?.status}: ${JSON.stringify(last?.failure)}`)
}

export async function journey(options: JourneyOptions): Promise<Journey> {
  const { url, say } = options
  const cookie = await signIn(options)
  const me = await ask(
    url,
    cookie,
    "{ viewer { user { email } memberships { team { id name } } } setup { hasStarterModel } }",
  )
  const team = me.viewer.memberships[0].team
  say(`signed in as ${me.viewer.user.email}, in ${team.name}`)

  const made = await ask(
    url,
    cookie,
    `mutation ($teamId: ID!) { createApiToken(teamId: $teamId, name: "journey", scopes: [WRITE, ADMIN]) {
    ... on MutationCreateApiTokenSuccess { data { token } } ... on Error { message } } }`,
    { teamId: team.id },
  )
  const token: string = made.createApiToken.data.token
  const bearer = { authorization: `Bearer ${token}` }
  say("made an API token; from here on it is used alone")

  const name = `Robot ${new Date().toISOString()}`
  const dataset = await ask(
    url,
    bearer,
    `mutation ($teamId: ID!, $name: String!) { createDataset(teamId: $teamId, name: $name) {
    ... on MutationCreateDatasetSuccess { data { id } } ... on Error { message } } }`,
    { teamId: team.id, name },
  )
  const datasetId = dataset.createDataset.data.id
  const files = options.pictures.map((path) => ({ name: path, bytes: readFileSync(path) }))
  const uploads = await ask(
    url,
    bearer,
    `mutation ($datasetId: ID!, $files: [UploadFileInput!]!) { requestUploads(datasetId: $datasetId, files: $files) {
    ... on MutationRequestUploadsSuccess { data { url } } ... on Error { message } } }`,
    {
      datasetId,
      files: files.map((file) => ({ name: file.name, byteSize: file.bytes.length })),
    },
  )
  for (const [i, { bytes }] of files.entries()) {
    const put = await fetch(new URL(uploads.requestUploads.data[i].url, url), {
      method: "PUT",
      body: new Uint8Array(bytes),
    })
    if (!put.ok) throw new Error(`${files[i]?.name}: ${await put.text()}`)
  }
  say(`uploaded ${files.length} pictures`)

  const concept = await ask(
    url,
    bearer,
    `mutation ($input: CreateConceptInput!) { createConcept(input: $input) {
    ... on MutationCreateConceptSuccess { data { id instancePrompt } } ... on Error { message } } }`,
    {
      input: { teamId: team.id, name, identifier: "sks", classNoun: "robot", datasetId },
    },
  )
  const source = options.model === undefined ? "STARTER" : "FOLDER"
  const location = options.model === undefined ? "starter" : resolve(options.model)
  const known = await ask(
    url,
    bearer,
    "query ($teamId: ID!) { baseModels(teamId: $teamId, first: 100) { edges { node { id location } } } }",
    { teamId: team.id },
  )
  const existing = known.baseModels.edges.find(({ node }: Json) => node.location === location)?.node
  const base =
    existing ??
    (
      await ask(
        url,
        bearer,
        `mutation ($teamId: ID!, $source: BaseModelSource!, $location: String!) {
    addBaseModel(teamId: $teamId, source: $source, location: $location) { ... on MutationAddBaseModelSuccess { data { id } } ... on Error { message } } }`,
        {
          teamId: team.id,
          source,
          location,
        },
      )
    ).addBaseModel.data

  const training = await ask(
    url,
    bearer,
    `mutation ($input: StartTrainingInput!) { startTraining(input: $input) {
    ... on MutationStartTrainingSuccess { data { id name } } ... on Error { message } } }`,
    {
      input: {
        teamId: team.id,
        conceptId: concept.createConcept.data.id,
        baseModelId: base.id,
        options: {
          method: "lora",
          maxTrainSteps: options.steps,
          ...(options.resolution && { resolution: options.resolution }),
        },
      },
    },
  )
  const runId = training.startTraining.data.id
  say(`training ${training.startTraining.data.name}`)
  const losses: number[] = []
  const events: Json[] = []
  await runToItsEnd(url, token, runId, (event) => {
    events.push(event)
    if (event.type !== "StepFinished") return
    losses.push(event.data.loss)
    say(`  step ${event.data.step}  loss ${event.data.loss.toFixed(4)}`)
  })
  const trained = await ask(
    url,
    bearer,
    "query ($id: ID!) { trainingRun(id: $id) { models { id name byteSize } metrics { step loss } } }",
    { id: runId },
  )
  const model = trained.trainingRun.models[0]
  say(`trained ${model.name}, ${model.byteSize} bytes`)

  const generation = await ask(
    url,
    bearer,
    `mutation ($input: GenerateImagesInput!) { generateImages(input: $input) {
    ... on MutationGenerateImagesSuccess { data { id } } ... on Error { message } } }`,
    {
      input: {
        teamId: team.id,
        modelId: model.id,
        options: {
          prompt: `${concept.createConcept.data.instancePrompt} on the moon`,
          steps: 4,
          ...(options.resolution && { width: options.resolution, height: options.resolution }),
        },
      },
    },
  )
  const generationId = generation.generateImages.data.id
  await runToItsEnd(url, token, generationId, () => {})
  const drawn = await ask(
    url,
    bearer,
    "query ($id: ID!) { generation(id: $id) { images { url width height seed } } }",
    { id: generationId },
  )
  const [image] = drawn.generation.images
  const png = Buffer.from(await (await fetch(new URL(image.url, url), { headers: bearer })).arrayBuffer())
  say(`drew a picture of ${image.width} × ${image.height} pixels, ${png.length} bytes`)
  return { losses, events, png }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      url: { type: "string", default: "http://localhost:4100" },
      model: { type: "string" },
      steps: { type: "string", default: "20" },
      resolution: { type: "string" },
      out: { type: "string", default: "journey.png" },
    },
  })
  const folder = fileURLToPath(new URL("../packages/starter/concept/", import.meta.url))
  const pictures = readdirSync(folder).filter((name) => name.endsWith(".png"))
  try {
    const { png } = await journey({
      url: values.url,
      model: values.model,
      steps: Number(values.steps),
      resolution: values.resolution === undefined ? undefined : Number(values.resolution),
      pictures: pictures.map((name) => folder + name),
      email: process.env.FJORD_EMAIL ?? "ada@example.org",
      password: process.env.FJORD_PASSWORD ?? "correct horse battery",
      say: console.log,
    })
    writeFileSync(values.out, png)
    console.log(`wrote ${values.out}`)
  } catch (error) {
    const { message, cause } = error instanceof Error ? error : new Error(String(error))
    const unreachable = error instanceof TypeError && cause instanceof Error
    console.error(
      unreachable
        ? `No studio answers at ${values.url} (${cause.message}): start one with npm start, or name another with --url.`
        : message,
    )
    process.exitCode = 1
  }
}
