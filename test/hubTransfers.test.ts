import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, sep } from "node:path"
import { after, before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { startTestDatabase } from "../packages/db/src/testing.ts"
import { newModel } from "../packages/diffusion/src/index.ts"
import { parseFrontMatter } from "../packages/hub/src/card/frontMatter.ts"
import { picturesShown } from "../packages/hub/src/card/samples.ts"
import { storeSmall } from "./hub/repository.ts"
import { type StandIn, startStandIn } from "./hub/standIn.ts"
import { ask, followRun, signIn } from "./journey.ts"

type Event = { readonly type: string; readonly data: Readonly<Record<string, unknown>> }
type Picture = { readonly hash: string; readonly caption: string }
type Authorization = Readonly<Record<string, string>>

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const byHash = (a: Picture, b: Picture) => (a.hash < b.hash ? -1 : 1)
const errors = "... on Error { __typename message }"

async function end(process: ChildProcess) {
  if (process.exitCode !== null || process.signalCode !== null) return
  const exited = once(process, "exit")
  process.kill("SIGTERM")
  await exited
}

describe("the studio and the Hub", () => {
  const folder = mkdtempSync(join(tmpdir(), "fjord-hub-transfers-"))
  const model = join(folder, "tiny")
  const processes: ChildProcess[] = []
  let postgres: Awaited<ReturnType<typeof startTestDatabase>>
  let standIn: StandIn
  let url: string
  let teamId: string
  let token: string
  let bearer: Authorization
  let pictures: Picture[]
  let datasetId: string

  /** Runs a mutation whose arguments are given by name and type. @returns the field of its success */
  async function mutate(field: string, types: string, variables: object, selection = "{ id }") {
    const names = Object.keys(variables)
    const success = `Mutation${field[0]?.toUpperCase()}${field.slice(1)}Success`
    const query = `mutation (${types}) { ${field}(${names.map((name) => `${name}: $${name}`).join(", ")}) {
      ... on ${success} { data ${selection} } ${errors} } }`
    return (await ask(url, bearer, query, variables))[field].data
  }

  /** Follows a run live to its end. */
  async function follow(runId: string) {
    const events: Event[] = []
    await followRun(url, token, runId, (event) => events.push(event))
    const status = events.findLast(({ type }) => type === "StatusChanged")?.data
    return { events, status: status?.status, failure: status?.failure }
  }

  async function succeeds(runId: string): Promise<Event[]> {
    const { events, status, failure } = await follow(runId)
    assert.equal(status, "SUCCEEDED", JSON.stringify(failure))
    return events
  }

  async function picturesOf(id: string): Promise<Picture[]> {
    const query = "query ($id: ID!) { dataset(id: $id) { images(first: 20) { edges { node { hash caption } } } } }"
    const { dataset } = await ask(url, bearer, query, { id })
    return dataset.images.edges.map(({ node }: { node: Picture }) => node).sort(byHash)
  }

  const filesAt = (type: "model" | "dataset", id: string) => [
    ...(standIn.repository(type, id)?.head("main")?.files.keys() ?? []),
  ]

  /** The tiny model as a repository of the stand-in. @returns its commit */
  function publishTiny(id: string, { isPrivate = false, readme }: { isPrivate?: boolean; readme?: string } = {}) {
    const repository = standIn.add("model", id, { isPrivate })
    const files = new Map(repository.head("main")?.files)
    const paths = readdirSync(model, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll(sep, "/"))
    for (const path of paths)
      if (statSync(join(model, path)).isFile())
        files.set(path, storeSmall(standIn.world.blobs, path, readFileSync(join(model, path))))
    if (readme !== undefined) files.set("README.md", storeSmall(standIn.world.blobs, "README.md", Buffer.from(readme)))
    return repository.commit("main", "Tiny", files).oid
  }

  function published(id: string, path: string): Buffer {
    const file = standIn.repository("model", id)?.head("main")?.files.get(path)
    assert.ok(file, path)
    return readFileSync(standIn.world.blobs.path(file.lfs?.oid ?? file.oid))
  }

  async function addBase(source: string, location: string): Promise<string> {
    const types = "$teamId: ID!, $source: BaseModelSource!, $location: String!"
    return (await mutate("addBaseModel", types, { teamId, source, location })).id
  }

  const startPush = (repo: string) =>
    mutate("pushDataset", "$datasetId: ID!, $repo: String!, $private: Boolean!", { datasetId, repo, private: true })

  before(async () => {
    ;[postgres, standIn] = await Promise.all([startTestDatabase(), startStandIn()])
    mkdirSync(model)
    await newModel("tiny", model, 1)
    const env = {
      ...process.env,
      DATABASE_URL: postgres.url,
      FJORD_DATA: join(folder, "data"),
      FJORD_SECRET: "a secret for tests, forty characters long",
      FJORD_LOG_LEVEL: process.env.FJORD_LOG_LEVEL ?? "error",
      FJORD_THREADS: "1",
      HF_ENDPOINT: standIn.endpoint,
      PORT: "0",
    }
    const [server] = ["server", "worker"].map((app) => {
      const child = spawn(process.execPath, [at(`apps/${app}/src/main.ts`)], {
        env,
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      })
      processes.push(child)
      return child
    })
    assert.ok(server !== undefined)
    ;[{ url }] = (await once(server, "message")) as [{ url: string }]
    bearer = await signIn({ url, email: "ada@example.org", password: "correct horse battery" })
    const { viewer } = await ask(url, bearer, "{ viewer { memberships { team { id } } } }")
    teamId = viewer.memberships[0].team.id
    const scopes = { teamId, name: "transfers", scopes: ["WRITE", "ADMIN"] }
    const types = "$teamId: ID!, $name: String!, $scopes: [TokenScope!]!"
    token = (await mutate("createApiToken", types, scopes, "{ token }")).token
    datasetId = (await mutate("createDataset", "$teamId: ID!, $name: String!", { teamId, name: "Robot" })).id

    const names = readdirSync(at("packages/starter/concept")).filter((name) => name.endsWith(".png"))
    const files = names.flatMap((name, i) => [
      { name, bytes: readFileSync(at(`packages/starter/concept/${name}`)) },
      { name: name.replace("png", "txt"), bytes: Buffer.from(`a sks robot, number ${i + 1}`) },
    ])
    const asked = files.map(({ name, bytes }) => ({ name, byteSize: bytes.length }))
    const uploads: { url: string }[] = await mutate(
      "requestUploads",
      "$datasetId: ID!, $files: [UploadFileInput!]!",
      { datasetId, files: asked },
      "{ url }",
    )
    for (const [i, { bytes }] of files.entries()) {
      const put = await fetch(new URL(uploads[i]?.url ?? "", url), { method: "PUT", body: new Uint8Array(bytes) })
      assert.ok(put.ok, await put.text())
    }
    pictures = await picturesOf(datasetId)
    assert.equal(pictures.length, 5)
    assert.equal(new Set(pictures.map(({ caption }) => caption)).size, 5)
    await mutate("connectHub", "$token: String!", { token: standIn.token }, "{ hubUser }")
  })

  after(async () => {
    await Promise.all(processes.map(end))
    await Promise.all([postgres?.stop(), standIn?.close()])
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  it("takes a data set there and back with the same pictures and captions, and tells the bytes live", async () => {
    const events = await succeeds((await startPush("anna/robot")).id)
    const told = events.filter(({ type }) => type === "Transferred").map(({ data }) => data)
    assert.ok(told.length > 0)
    for (const { bytes, totalBytes } of told) assert.ok(Number(bytes) <= Number(totalBytes) && Number(totalBytes) > 0)
    assert.equal(told.at(-1)?.bytes, told.at(-1)?.totalBytes, "the last word is that all has arrived")
    assert.equal(standIn.repository("dataset", "anna/robot")?.isPrivate, true)

    const variables = { teamId, hubId: "anna/robot", name: "Robot again" }
    const pull = await mutate(
      "pullDataset",
      "$teamId: ID!, $hubId: String!, $name: String",
      variables,
      "{ id targetId repo }",
    )
    assert.equal(pull.repo, "anna/robot")
    await succeeds(pull.id)
    assert.notEqual(pull.targetId, datasetId)
    assert.deepEqual(await picturesOf(pull.targetId), pictures)
  })

  it("publishes a trained LoRA in both forms, with the samples and the licence that its drafted card shows", async () => {
    const commit = publishTiny("anna/tiny-base", { readme: "---\nlicense: mit\n---\n# Tiny\n" })
    const baseModelId = await addBase("HUB", "anna/tiny-base")
    await succeeds((await mutate("importModel", "$baseModelId: ID!", { baseModelId })).id)
    const concept = { teamId, name: "Robot", identifier: "sks", classNoun: "robot", datasetId }
    const { id: conceptId } = await mutate("createConcept", "$input: CreateConceptInput!", { input: concept })
    const prompt = 'a sks robot: "at sea" # --- |'
    const options = {
      method: "lora",
      maxTrainSteps: 2,
      resolution: 64,
      validationPrompts: [prompt],
      validationSteps: 1,
      validationInferenceSteps: 1,
    }
    const input = { teamId, conceptId, baseModelId, options }
    const { id: runId } = await mutate("startTraining", "$input: StartTrainingInput!", { input })
    await succeeds(runId)
    const query = "query ($id: ID!) { trainingRun(id: $id) { samples { step url } models { id } } }"
    const { trainingRun } = await ask(url, bearer, query, { id: runId })
    const modelId: string = trainingRun.models[0].id
    const markdown: string = await mutate("draftModelCard", "$modelId: ID!", { modelId }, "")
    const { license, base_model, widget } = parseFrontMatter(markdown).data
    assert.deepEqual({ license, base_model }, { license: "mit", base_model: "anna/tiny-base" })
    const [path = ""] = picturesShown(markdown)
    assert.deepEqual(widget, [{ text: prompt, output: { url: path } }])
    assert.match(path, /^images\/step-2-prompt-0-seed-\d+\.png$/)
    assert.match(markdown, /<Gallery \/>/)
    assert.ok(markdown.includes(commit), "the commit of the base that the run was trained on")
    assert.match(markdown, /`pytorch_lora_weights_kohya.safetensors`/)

    await mutate("saveModelCard", "$modelId: ID!, $markdown: String!", { modelId, markdown })
    const types = "$modelId: ID!, $repo: String!, $private: Boolean!"
    const push = { modelId, repo: "anna/robot-lora", private: false }
    await succeeds((await mutate("pushModel", types, push)).id)
    assert.equal(published("anna/robot-lora", "README.md").toString("utf8"), markdown)
    const last = trainingRun.samples.find(({ step }: { step: number }) => step === 2)
    const sample = await (await fetch(new URL(last.url, url), { headers: bearer })).bytes()
    assert.deepEqual(published("anna/robot-lora", path), Buffer.from(sample))
    assert.equal(JSON.parse(published("anna/robot-lora", "training.json").toString("utf8")).steps, 2)
    const files = filesAt("model", "anna/robot-lora")
    for (const name of ["pytorch_lora_weights.safetensors", "pytorch_lora_weights_kohya.safetensors"])
      assert.ok(files.includes(name), files.join(", "))
    const { model: row } = await ask(
      url,
      bearer,
      "query ($id: ID!) { model(id: $id) { hubId hubRevision card { versions { number hubRevision } } } }",
      { id: modelId },
    )
    const head = standIn.repository("model", "anna/robot-lora")?.head("main")?.oid
    assert.deepEqual(row, {
      hubId: "anna/robot-lora",
      hubRevision: head,
      card: { versions: [{ number: 1, hubRevision: head }] },
    })
  })

  for (const visibility of ["public", "private"] as const)
    it(`draws with a ${visibility} base model by its Hub id, and goes on drawing the same when the Hub's has changed`, async () => {
      const id = `anna/tiny-${visibility}`
      publishTiny(id, { isPrivate: visibility === "private" })
      const baseModelId = await addBase("HUB", id)
      const options = { prompt: "a robot", steps: 1, width: 64, height: 64 }
      const input = { teamId, baseModelId, options }
      const draw = async (field: string, types: string, variables: object) => {
        const generation = await mutate(field, types, variables)
        await succeeds(generation.id)
        const query = "query ($id: ID!) { generation(id: $id) { images { url } } }"
        const { generation: drawn } = await ask(url, bearer, query, { id: generation.id })
        const png = await (await fetch(new URL(drawn.images[0].url, url), { headers: bearer })).bytes()
        assert.equal(Buffer.from(png.subarray(1, 4)).toString(), "PNG")
        return { id: generation.id as string, png }
      }
      const first = await draw("generateImages", "$input: GenerateImagesInput!", { input })
      // Other weights under the same name: without its pin, the same request would draw another picture.
      const repository = standIn.repository("model", id)
      const files = new Map(repository?.head("main")?.files)
      files.delete("unet/config.json")
      repository?.commit("main", "Broken", files)
      const again = await draw("retryRun", "$id: ID!", { id: first.id })
      assert.deepEqual(again.png, first.png)
      const broken = await mutate("generateImages", "$input: GenerateImagesInput!", { input })
      assert.equal((await follow(broken.id)).status, "FAILED")
    })

  it("refuses a token that the Hub does not know, and a push with a revoked one says what to do, without it", async () => {
    const wrong = "hf_nobodyKnowsThisToken"
    await assert.rejects(
      mutate("connectHub", "$token: String!", { token: wrong }, "{ hubUser }"),
      (error: Error) => /settings\/tokens/.test(error.message) && !error.message.includes(wrong),
    )
    const account = standIn.world.accounts.get(standIn.token)
    assert.ok(account !== undefined)
    const accounts = standIn.world.accounts as Map<string, typeof account>
    accounts.delete(standIn.token)
    const { events, status, failure } = await follow((await startPush("anna/never")).id)
    accounts.set(standIn.token, account)
    assert.equal(status, "FAILED")
    const { message, advice } = failure as { message: string; advice: string }
    assert.match(message, /does not know this token.*make a new one at .*settings\/tokens\.$/)
    assert.match(advice, /[Cc]onnect/)
    assert.ok(!JSON.stringify(events).includes(standIn.token))
    assert.equal(standIn.repository("dataset", "anna/never"), undefined)
  })
})
