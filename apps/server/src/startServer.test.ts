import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { Caller, cookieOf, password, startTestServer, type TestServer, testPicture } from "./testServer.fixture.ts"

let server: TestServer
let owner: Caller
let teamId: string
let email: string

before(async () => {
  server = await startTestServer()
})
after(() => server.stop())

describe("accounts", () => {
  it("lets the first person sign up, who owns the first team, and closes the door behind them", async () => {
    const open = await server.stranger.query("{ setup { signUpOpen version } viewer { user { id } } }")
    assert.deepEqual([open.data.setup.signUpOpen, open.data.viewer], [true, null])
    // Of several who are first at the same moment, one gets in.
    const names = ["ada", "mia", "zoe"]
    const answers = await Promise.all(names.map((name) => server.signUp(name)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 403, 403])
    const first = answers.find(({ status }) => status === 200)
    assert.ok(first)
    email = `${names[answers.indexOf(first)]}@example.org`
    owner = new Caller(server.url, { cookie: cookieOf(first) })
    const { data } = await owner.query(
      "{ setup { signUpOpen } viewer { user { email } memberships { role team { id name } } } }",
    )
    assert.equal(data.setup.signUpOpen, false)
    assert.equal(data.viewer.user.email, email)
    assert.equal(data.viewer.memberships[0].role, "OWNER")
    teamId = data.viewer.memberships[0].team.id
    const { data: models } = await owner.query(
      "query ($teamId: ID!) { baseModels(teamId: $teamId) { edges { node { source family resolution ready } } } }",
      { teamId },
    )
    assert.deepEqual(
      models.baseModels.edges.map(({ node }: { node: unknown }) => node),
      [{ source: "STARTER", family: "starter", resolution: 64, ready: true }],
    )
    const second = await server.signUp("eve")
    assert.equal(second.status, 403)
    assert.match(JSON.stringify(await second.json()), /Sign-up is closed/)
  })

  it("lets an invited person in once, with the role of the invitation", async () => {
    const invite = `mutation ($teamId: ID!) { inviteMember(teamId: $teamId, role: VIEWER, email: "bob@example.org") {
      ... on MutationInviteMemberSuccess { data { url invitation { id } } } } }`
    const { url } = await owner.act("inviteMember", invite, { teamId })
    const token = url.split("/").at(-1)
    const preview = await server.stranger.query(
      "query ($token: String!) { invitation(token: $token) { teamName role } }",
      { token },
    )
    assert.equal(preview.data.invitation.role, "VIEWER")
    assert.equal((await server.signUp("mallory", token)).status, 403)
    const bob = await server.signUp("bob", token)
    assert.equal(bob.status, 200, await bob.clone().text())
    const { data } = await new Caller(server.url, { cookie: cookieOf(bob) }).query(
      "{ viewer { memberships { role team { id } } } }",
    )
    assert.deepEqual(data.viewer.memberships, [{ role: "VIEWER", team: { id: teamId } }])
    assert.equal((await server.signUp("carol", token)).status, 403)
  })

  it("signs in with the password and slows down whoever guesses", async () => {
    const attempt = (secret: string) =>
      fetch(`${server.url}/api/auth/sign-in/email`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          origin: server.url,
          "x-forwarded-for": `10.0.0.${Math.random()}`,
        },
        body: JSON.stringify({ email, password: secret }),
      })
    assert.equal((await attempt(password)).status, 200)
    const statuses = []
    for (let i = 0; i < 12; i++) statuses.push((await attempt("wrong password")).status)
    assert.ok(statuses.includes(429), statuses.join())
  })
})

describe("the way from pictures to a run", () => {
  it("takes pictures at signed addresses and queues a training run with its data set's version", async () => {
    const editor = owner
    const make = `mutation ($teamId: ID!) { createDataset(teamId: $teamId, name: "toys") { ... on MutationCreateDatasetSuccess { data { id } } } }`
    const { id: datasetId } = await editor.act("createDataset", make, { teamId })
    const request = `mutation ($datasetId: ID!, $files: [UploadFileInput!]!) { requestUploads(datasetId: $datasetId, files: $files) {
      ... on MutationRequestUploadsSuccess { data { uploadId url } } ... on Error { message } } }`
    const uploads = await editor.act("requestUploads", request, {
      datasetId,
      files: [{ name: "../../etc/one.png" }, { name: "two.png" }, { name: "one.txt" }],
    })
    for (const [i, body] of [await testPicture(1), await testPicture(2), Buffer.from("sks toy on a table")].entries()) {
      const response = await server.stranger.fetch(uploads[i].url, { method: "PUT", body: new Uint8Array(body) })
      assert.equal(response.status, 200, await response.clone().text())
    }
    const { data, errors } = await editor.query(
      `query ($id: ID!) { dataset(id: $id) { imageCount byteSize warnings { kind message fix } images { totalCount edges { node {
        name caption width height hash byteSize url thumbnailUrl(size: 200) sharpness warnings { kind otherImage { id } } } } } } }`,
      { id: datasetId },
    )
    assert.equal(errors, undefined)
    assert.equal(data.dataset.imageCount, 2)
    const nodes = data.dataset.images.edges.map(({ node }: { node: unknown }) => node)
    assert.deepEqual([nodes[0].name, nodes[0].caption, nodes[0].width], ["one.png", "sks toy on a table", 96])
    assert.deepEqual(
      nodes[0].warnings.map(({ kind }: { kind: string }) => kind),
      ["TOO_SMALL"],
    )
    const picture = await editor.fetch(nodes[0].url)
    assert.equal(picture.headers.get("content-type"), "image/png")
    assert.equal((await picture.arrayBuffer()).byteLength, nodes[0].byteSize)
    const small = await editor.fetch(nodes[0].thumbnailUrl)
    assert.equal(small.headers.get("content-type"), "image/webp")
    assert.equal((await server.stranger.fetch(nodes[0].url)).status, 404)

    const concept = await editor.act(
      "createConcept",
      `mutation ($input: CreateConceptInput!) { createConcept(input: $input) { ... on MutationCreateConceptSuccess { data { id instancePrompt } } } }`,
      { input: { teamId, name: "toy", identifier: "sks", classNoun: "toy", datasetId } },
    )
    assert.equal(concept.instancePrompt, "a photo of sks toy")
    const base = await server.database.baseModel.create({
      data: { teamId, name: "hub", source: "HUB", location: "a/b", revision: "main" },
    })
    const start = `mutation ($input: StartTrainingInput!) { startTraining(input: $input) {
      ... on MutationStartTrainingSuccess { data { id name status totalSteps config concept { id } datasetVersion { number imageCount dataset { id } }
        differencesFromDefaults { name value default } events { seq type data } } } ... on InputError { message field } ... on Error { message } } }`
    const input = {
      teamId,
      conceptId: concept.id,
      baseModelId: base.id,
      options: { maxTrainSteps: 3, resolution: 64, method: "lora" },
    }
    const run = await editor.act("startTraining", start, { input })
    assert.deepEqual([run.status, run.totalSteps, run.datasetVersion.imageCount], ["QUEUED", 3, 2])
    assert.equal(run.config.options.instancePrompt, "a photo of sks toy")
    assert.deepEqual(
      run.differencesFromDefaults.map(({ name }: { name: string }) => name),
      ["instancePrompt", "resolution", "maxTrainSteps"],
    )
    assert.deepEqual(run.events[0].data, { type: "StatusChanged", status: "QUEUED", attempt: 0 })
    // Pictures are too small for what the team trained with last, and these are not.
    await server.database.baseModel.update({ where: { id: base.id }, data: { resolution: 96 } })
    const warned = await editor.query("query ($id: ID!) { dataset(id: $id) { warnings { kind } } }", { id: datasetId })
    assert.deepEqual(warned.data.dataset.warnings, [])
    await server.database.baseModel.update({ where: { id: base.id }, data: { resolution: null } })
    const wrong = await editor.query(start, { input: { ...input, options: { resolution: 63 } } })
    assert.deepEqual(wrong.data.startTraining.field, "resolution")
  })

  it("lists pictures in the order in which they were named, whichever arrives first", async () => {
    const make = `mutation ($teamId: ID!) { createDataset(teamId: $teamId, name: "ordered") { ... on MutationCreateDatasetSuccess { data { id } } } }`
    const { id: datasetId } = await owner.act("createDataset", make, { teamId })
    const files = ["robot-2.png", "robot-10.png", "robot-11.png"].map((name) => ({ name }))
    const request = `mutation ($datasetId: ID!, $files: [UploadFileInput!]!) { requestUploads(datasetId: $datasetId, files: $files) {
      ... on MutationRequestUploadsSuccess { data { url } } } }`
    const uploads = await owner.act("requestUploads", request, { datasetId, files })
    for (const i of [2, 0, 1]) {
      const body = new Uint8Array(await testPicture(10 + i))
      assert.equal((await server.stranger.fetch(uploads[i].url, { method: "PUT", body })).status, 200)
    }
    const { data } = await owner.query("query ($id: ID!) { dataset(id: $id) { images { edges { node { name } } } } }", {
      id: datasetId,
    })
    assert.deepEqual(
      data.dataset.images.edges.map(({ node }: { node: unknown }) => node),
      files,
    )
  })

  it("makes a concept of the pictures that ship with Fjord", async () => {
    const make = `mutation ($teamId: ID!) { createSampleConcept(teamId: $teamId) { ... on MutationCreateSampleConceptSuccess { data {
      instancePrompt classPrompt dataset { imageCount warnings { kind } } } } ... on Error { message } } }`
    const concept = await owner.act("createSampleConcept", make, { teamId })
    assert.equal(concept.instancePrompt, "a photo of sks robot")
    assert.equal(concept.classPrompt, "a photo of a robot")
    assert.equal(concept.dataset.imageCount, 5)
    const kinds = concept.dataset.warnings.map(({ kind }: { kind: string }) => kind)
    assert.ok(!kinds.includes("TOO_SMALL"), "the starter model trains at 64 pixels")
  })
})
