import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { decodeImage } from "../packages/diffusion/src/index.ts"
import { parseFrontMatter } from "../packages/hub/src/card/frontMatter.ts"
import { picturesShown } from "../packages/hub/src/card/samples.ts"
import { oauthApplication } from "./hub/oauthRoutes.ts"
import { type StudioAtHub, startStudioAtHub } from "./hub/studio.ts"

const givenTypes: Readonly<Record<string, string>> = { teamId: "ID!", hubId: "String!" }
const wrongToken = "hf_nobodyKnowsThisToken"

describe("the studio and the Hub", () => {
  let studio: StudioAtHub
  /** The model that the first training leaves, published as anna/robot-lora. */
  let lora: string
  before(async () => {
    studio = await startStudioAtHub()
  })
  after(() => studio.stop())

  it("takes a data set there and back with the same pictures and captions, and tells the bytes live", async () => {
    const events = await studio.succeeds((await studio.startPush("anna/robot")).id)
    const told = events.filter(({ type }) => type === "Transferred").map(({ data }) => data)
    assert.ok(told.length > 0)
    for (const { bytes, totalBytes } of told) assert.ok(Number(bytes) <= Number(totalBytes) && Number(totalBytes) > 0)
    assert.equal(told.at(-1)?.bytes, told.at(-1)?.totalBytes, "the last word is that all has arrived")
    assert.equal(studio.standIn.repository("dataset", "anna/robot")?.isPrivate, true)

    const pull = await studio.startPull("anna/robot", "Robot again")
    assert.equal(pull.repo, "anna/robot")
    await studio.succeeds(pull.id)
    assert.notEqual(pull.targetId, studio.datasetId)
    assert.deepEqual(await studio.picturesOf(pull.targetId), studio.pictures)
  })

  it("fetches a data set once more beside the first, and refuses a name that is taken before anything is fetched", async () => {
    const { teamId } = studio
    const again = async () => {
      const types = "$teamId: ID!, $hubId: String!"
      const { id, targetId } = await studio.mutate(
        "pullDataset",
        types,
        { teamId, hubId: "anna/robot" },
        "{ id targetId }",
      )
      await studio.succeeds(id)
      const { dataset } = await studio.query("query ($id: ID!) { dataset(id: $id) { name } }", { id: targetId })
      return dataset.name
    }
    assert.deepEqual([await again(), await again()], ["anna robot", "anna robot (2)"])
    await assert.rejects(studio.startPull("anna/robot", "Robot again"), /named "Robot again" already/)
  })

  it("publishes a trained LoRA in both forms, with the samples and the licence that its drafted card shows", async () => {
    const commit = studio.publishTiny("anna/tiny-base", { readme: "---\nlicense: mit\n---\n# Tiny\n" })
    const baseModelId = await studio.addBase("HUB", "anna/tiny-base")
    await studio.succeeds((await studio.mutate("importModel", "$baseModelId: ID!", { baseModelId })).id)
    const prompt = 'a sks robot: "at sea" # --- |'
    const runId = await studio.startTraining(baseModelId, {
      method: "lora",
      maxTrainSteps: 2,
      validationPrompts: [prompt],
      validationSteps: 1,
      validationInferenceSteps: 1,
    })
    await studio.succeeds(runId)
    const query = "query ($id: ID!) { trainingRun(id: $id) { samples { step url } models { id } } }"
    const { trainingRun } = await studio.query(query, { id: runId })
    const modelId: string = trainingRun.models[0].id
    lora = modelId
    const markdown: string = await studio.mutate("draftModelCard", "$modelId: ID!", { modelId }, "")
    const { license, base_model, widget } = parseFrontMatter(markdown).data
    assert.deepEqual({ license, base_model }, { license: "mit", base_model: "anna/tiny-base" })
    const [path = ""] = picturesShown(markdown)
    assert.deepEqual(widget, [{ text: prompt, output: { url: path } }])
    assert.match(path, /^images\/step-2-prompt-0-seed-\d+\.png$/)
    assert.match(markdown, /<Gallery \/>/)
    assert.ok(markdown.includes(commit), "the commit of the base that the run was trained on")
    assert.match(markdown, /`pytorch_lora_weights_kohya.safetensors`/)

    await studio.mutate("saveModelCard", "$modelId: ID!, $markdown: String!", { modelId, markdown })
    const types = "$modelId: ID!, $repo: String!, $private: Boolean!"
    const push = { modelId, repo: "anna/robot-lora", private: false }
    await studio.succeeds((await studio.mutate("pushModel", types, push)).id)
    assert.equal(studio.published("model", "anna/robot-lora", "README.md").toString("utf8"), markdown)
    const last = trainingRun.samples.find(({ step }: { step: number }) => step === 2)
    assert.deepEqual(studio.published("model", "anna/robot-lora", path), await studio.download(last.url))
    assert.equal(JSON.parse(studio.published("model", "anna/robot-lora", "training.json").toString("utf8")).steps, 2)
    const files = studio.filesAt("model", "anna/robot-lora")
    for (const name of ["pytorch_lora_weights.safetensors", "pytorch_lora_weights_kohya.safetensors"])
      assert.ok(files.includes(name), files.join(", "))
    const { model: row } = await studio.query(
      "query ($id: ID!) { model(id: $id) { hubId hubRevision card { versions { number hubRevision } } } }",
      { id: modelId },
    )
    const head = studio.standIn.repository("model", "anna/robot-lora")?.head("main")?.oid
    assert.deepEqual(row, {
      hubId: "anna/robot-lora",
      hubRevision: head,
      card: { versions: [{ number: 1, hubRevision: head }] },
    })
  })

  it("fetches a LoRA of the Hub, finds the base model that its card names, and draws with it as with the one here", async () => {
    const variables = { teamId: studio.teamId, hubId: "anna/robot-lora", revision: "main" }
    const types = "$teamId: ID!, $hubId: String!, $revision: String"
    const { id, targetId } = await studio.mutate("pullModel", types, variables, "{ id targetId }")
    await studio.succeeds(id)
    const { model, trained } = await studio.query(
      `query ($id: ID!, $lora: ID!) {
        model(id: $id) { name kind hubId hubRevision baseModel { id location } files { path } }
        trained: model(id: $lora) { hubRevision baseModel { id } } }`,
      { id: targetId, lora },
    )
    assert.deepEqual(
      [model.name, model.kind, model.hubId, model.hubRevision, model.baseModel.location],
      ["anna robot-lora", "LORA", "anna/robot-lora", trained.hubRevision, "anna/tiny-base"],
    )
    assert.ok(model.files.some(({ path }: { path: string }) => path === "pytorch_lora_weights_kohya.safetensors"))
    const options = { prompt: "a sks robot", steps: 2, width: 64, height: 64 }
    const pixels = async (modelId: string) => {
      const input = { teamId: studio.teamId, baseModelId: trained.baseModel.id, loras: [{ modelId }], options }
      const { id: runId } = await studio.mutate("generateImages", "$input: GenerateImagesInput!", { input })
      return Buffer.from((await decodeImage(await studio.drawn(runId))).rgb)
    }
    const [here, there] = [await pixels(lora), await pixels(targetId)]
    assert.ok(here.every((value, i) => Math.abs(value - (there[i] ?? 0)) <= 1))

    // Both forms lie there; one may be named.
    const kohya = { ...variables, file: "pytorch_lora_weights_kohya.safetensors" }
    const named = `${types}, $file: String`
    await studio.succeeds((await studio.mutate("pullModel", named, kohya)).id)
    const none = await studio.mutate("pullModel", named, { ...variables, file: "other.safetensors" })
    assert.match((await studio.follow(none.id)).failure?.message ?? "", /other\.safetensors/)
  })

  it("sends a split with a licence and without captions, and fetches it by split, configuration and columns", async () => {
    const types = `$datasetId: ID!, $repo: String!, $private: Boolean!, $split: String, $licence: String, $captions: Boolean!`
    const { datasetId, teamId } = studio
    const given = {
      datasetId,
      repo: "anna/bare",
      private: true,
      split: "validation",
      licence: "cc0-1.0",
      captions: false,
    }
    await studio.succeeds((await studio.mutate("pushDataset", types, given)).id)
    const readme = studio.published("dataset", "anna/bare", "README.md").toString("utf8")
    assert.equal(parseFrontMatter(readme).data.license, "cc0-1.0")
    assert.deepEqual(
      studio.filesAt("dataset", "anna/bare").filter((path) => path.endsWith(".parquet")),
      ["data/validation-00000-of-00001.parquet"],
    )
    const pull = (more: object) => {
      const wanted = { teamId, hubId: "anna/bare", name: `Bare ${crypto.randomUUID()}`, split: "validation", ...more }
      const types = Object.keys(wanted).map((name) => `$${name}: ${givenTypes[name] ?? "String"}`)
      return studio.mutate("pullDataset", types.join(", "), wanted, "{ id targetId }")
    }
    const fetched = await pull({ config: "default", imageColumn: "image" })
    await studio.succeeds(fetched.id)
    assert.deepEqual(
      await studio.picturesOf(fetched.targetId),
      studio.pictures.map((picture) => ({ ...picture, caption: "" })),
    )
    for (const wrong of [{ imageColumn: "photo" }, { config: "large" }, { split: "train" }]) {
      const { status, failure } = await studio.follow((await pull(wrong)).id)
      assert.equal(status, "FAILED")
      assert.match(failure?.message ?? "", new RegExp(Object.values(wrong).join()))
    }
    const refused = { ...given, split: "../x" }
    await assert.rejects(studio.mutate("pushDataset", types, refused), /is no name of a split/)
  })

  it("draws by its Hub id, for the same seed, the same bytes as by the model that a run has left here", async () => {
    studio.publishTiny("anna/tiny-again", { readme: "---\nlicense: mit\n---\n" })
    const start = await studio.addBase("HUB", "anna/tiny-again")
    const trained = await studio.startTraining(start, { method: "full", maxTrainSteps: 2, learningRate: 1e-3 })
    await studio.succeeds(trained)
    const query = "query ($id: ID!) { trainingRun(id: $id) { models { id } } }"
    const { trainingRun } = await studio.query(query, { id: trained })
    const modelId: string = trainingRun.models[0].id
    const markdown: string = await studio.mutate("draftModelCard", "$modelId: ID!", { modelId }, "")
    await studio.mutate("saveModelCard", "$modelId: ID!, $markdown: String!", { modelId, markdown })
    const types = "$modelId: ID!, $repo: String!, $private: Boolean!"
    const pushed = await studio.mutate("pushModel", types, { modelId, repo: "anna/robot-full", private: true })
    await studio.succeeds(pushed.id)
    const published = await studio.addBase("HUB", "anna/robot-full")
    await studio.succeeds((await studio.mutate("importModel", "$baseModelId: ID!", { baseModelId: published })).id)

    const options = { prompt: "a photo of sks robot", steps: 2, width: 64, height: 64, seed: 7 }
    const draw = async (generator: object) => {
      const input = { teamId: studio.teamId, ...generator, options }
      return studio.drawn((await studio.mutate("generateImages", "$input: GenerateImagesInput!", { input })).id)
    }
    const here = await draw({ modelId })
    assert.deepEqual(await draw({ baseModelId: published }), here)
    assert.notDeepEqual(await draw({ baseModelId: start }), here, "the run has changed the model")
  })

  for (const visibility of ["public", "private"] as const)
    it(`draws with a ${visibility} base model by its Hub id, and goes on drawing the same when the Hub's has changed`, async () => {
      const id = `anna/tiny-${visibility}`
      studio.publishTiny(id, { isPrivate: visibility === "private" })
      const baseModelId = await studio.addBase("HUB", id)
      const options = { prompt: "a robot", steps: 1, width: 64, height: 64 }
      const input = { teamId: studio.teamId, baseModelId, options }
      const types = "$input: GenerateImagesInput!"
      const { id: runId } = await studio.mutate("generateImages", types, { input })
      const first = await studio.drawn(runId)
      // Other weights under the same name: without its pin, the same request would draw another picture.
      const repository = studio.standIn.repository("model", id)
      const files = new Map(repository?.head("main")?.files)
      files.delete("unet/config.json")
      repository?.commit("main", "Broken", files)
      const again = await studio.mutate("retryRun", "$id: ID!", { id: runId })
      assert.deepEqual(await studio.drawn(again.id), first)
      const broken = await studio.mutate("generateImages", types, { input })
      assert.equal((await studio.follow(broken.id)).status, "FAILED")
    })

  it("refuses a token that the Hub does not know, and a push with a revoked one says what to do, without it", async () => {
    await assert.rejects(
      studio.mutate("connectHub", "$token: String!", { token: wrongToken }, "{ hubUser }"),
      (error: Error) => /settings\/tokens/.test(error.message) && !error.message.includes(wrongToken),
    )
    const account = studio.standIn.world.accounts.get(studio.standIn.token)
    assert.ok(account !== undefined)
    const accounts = studio.standIn.world.accounts as Map<string, typeof account>
    accounts.delete(studio.standIn.token)
    const { events, status, failure } = await studio.follow((await studio.startPush("anna/never")).id)
    accounts.set(studio.standIn.token, account)
    assert.equal(status, "FAILED")
    const { message = "", advice = "" } = failure ?? {}
    assert.match(message, /does not know this token.*make a new one at .*settings\/tokens\.$/)
    assert.match(advice, /[Cc]onnect/)
    assert.ok(!JSON.stringify(events).includes(studio.standIn.token))
    assert.equal(studio.standIn.repository("dataset", "anna/never"), undefined)
  })

  it("writes no token of the Hub into any row, event, log or file, whether it was typed in or came by signing in", async () => {
    const page: string = await studio.mutate("startHubSignIn", "", {}, "")
    const consent = await fetch(page, { redirect: "manual" })
    const { pathname, search, searchParams } = new URL(consent.headers.get("location") ?? assert.fail(page))
    const back = await fetch(new URL(pathname + search, studio.url), { headers: studio.bearer, redirect: "manual" })
    assert.equal(back.status, 302, await back.text())
    await studio.succeeds((await studio.startPush("anna/signed-in")).id)
    const secrets = [
      ...studio.standIn.world.accounts.keys(),
      wrongToken,
      oauthApplication.clientSecret,
      searchParams.get("code") ?? assert.fail(search),
    ]
    assert.ok(secrets.some((secret) => secret.startsWith("hf_oauth")))
    const places = new Map(await studio.everythingWritten())
    for (const expected of ["RunEvent", "HubAccount", "server and worker"])
      assert.ok((places.get(expected)?.length ?? 0) > 0, expected)
    for (const [place, text] of places)
      for (const secret of secrets) assert.ok(!text.includes(secret), `${place} holds ${secret.slice(0, 8)}…`)
  })

  it("lets a private model that it holds serve its reader while the Hub cannot be reached, and nobody else", async () => {
    studio.publishTiny("anna/tiny-secret", { isPrivate: true })
    const baseModelId = await studio.addBase("HUB", "anna/tiny-secret")
    const options = { prompt: "a robot", steps: 1, width: 64, height: 64 }
    const input = { teamId: studio.teamId, baseModelId, options }
    const draw = () => studio.mutate("generateImages", "$input: GenerateImagesInput!", { input })
    const first = await studio.drawn((await draw()).id)
    await studio.standIn.close()
    assert.deepEqual(await studio.drawn((await draw()).id), first)
    await studio.mutate("disconnectHub", "", {}, "")
    const { status, failure } = await studio.follow((await draw()).id)
    assert.equal(status, "FAILED")
    assert.match(failure?.message ?? "", /cannot be reached to ask whether anna\/tiny-secret may be read/)
  })
})
