/**
 * A studio, server and worker each a process of its own, whose Hub is the stand-in: driven through GraphQL alone, with
 * five captioned pictures and a person who is connected at the Hub. All that its processes write is kept, to be looked at.
 */

import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { startTestDatabase, type TestDatabase } from "../../packages/db/src/testing.ts"
import { newModel } from "../../packages/diffusion/src/index.ts"
import { ask, followRun, signIn } from "../journey.ts"
import { oauthApplication } from "./oauthRoutes.ts"
import { storeFile } from "./repository.ts"
import { type StandIn, type StandInOptions, startStandIn } from "./standIn.ts"

export type Event = { readonly type: string; readonly data: Readonly<Record<string, unknown>> }
export type Picture = { readonly hash: string; readonly caption: string }
export type Ended = {
  readonly events: readonly Event[]
  readonly status: string
  readonly failure: { readonly message: string; readonly cause: string; readonly advice: string } | undefined
}

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const byHash = (a: Picture, b: Picture) => (a.hash < b.hash ? -1 : 1)
const errors = "... on Error { __typename message }"

type Parts = {
  readonly folder: string
  readonly postgres: TestDatabase
  readonly standIn: StandIn
  readonly worker: ChildProcess
  readonly processes: readonly ChildProcess[]
  readonly written: string[]
  readonly url: string
}

export class StudioAtHub {
  readonly standIn: StandIn
  /** A tiny model in diffusers' layout, in no repository yet. */
  readonly model: string
  /** FJORD_DATA of server and worker. */
  readonly data: string
  readonly url: string
  teamId = ""
  datasetId = ""
  /** The data set's pictures, by hash. */
  pictures: readonly Picture[] = []
  bearer: Readonly<Record<string, string>> = {}
  readonly #parts: Parts
  #token = ""

  constructor(parts: Parts) {
    this.#parts = parts
    this.standIn = parts.standIn
    this.model = join(parts.folder, "tiny")
    this.data = join(parts.folder, "data")
    this.url = parts.url
  }

  get workerPid(): number {
    return this.#parts.worker.pid ?? assert.fail("the worker does not run")
  }

  /** Every table, every file below FJORD_DATA and what the processes have said, as text, by name. */
  async everythingWritten(): Promise<[place: string, text: string][]> {
    const { postgres, written } = this.#parts
    const { database } = postgres
    const tables = await database.$queryRaw<{ name: string }[]>`
      SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`
    const rows = tables.map(async ({ name }): Promise<[string, string]> => {
      // The names are the schema's own.
      const found = await database.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM "${name}" t`)
      return [name, found.map(({ row }) => row).join("\n")]
    })
    const files = readdirSync(this.data, { recursive: true, encoding: "utf8" })
      .map((name) => join(this.data, name))
      .filter((path) => statSync(path).isFile())
    return [
      ...(await Promise.all(rows)),
      ...files.map((path): [string, string] => [path, readFileSync(path, "latin1")]),
      ["server and worker", written.join("")],
    ]
  }

  query(text: string, variables: object = {}) {
    return ask(this.url, this.bearer, text, variables)
  }

  /** Runs a mutation whose arguments are given by name and type. @returns the field of its success */
  async mutate(field: string, types: string, variables: object, selection = "{ id }") {
    const names = Object.keys(variables)
    const list = (text: string) => (text === "" ? "" : `(${text})`)
    const success = `Mutation${field[0]?.toUpperCase()}${field.slice(1)}Success`
    const query = `mutation ${list(types)} { ${field}${list(names.map((name) => `${name}: $${name}`).join(", "))} {
      ... on ${success} { data ${selection} } ${errors} } }`
    return (await this.query(query, variables))[field].data
  }

  /** Follows a run live to its end. */
  async follow(runId: string): Promise<Ended> {
    const events: Event[] = []
    await followRun(this.url, this.#token, runId, (event) => events.push(event))
    const { status, failure } = (events.findLast(({ type }) => type === "StatusChanged")?.data ?? {}) as Omit<
      Ended,
      "events"
    >
    return { events, status, failure }
  }

  async succeeds(runId: string): Promise<readonly Event[]> {
    const { events, status, failure } = await this.follow(runId)
    assert.equal(status, "SUCCEEDED", JSON.stringify(failure))
    return events
  }

  async hasDataset(id: string): Promise<boolean> {
    const { dataset } = await this.query("query ($id: ID!) { dataset(id: $id) { id } }", { id })
    return dataset !== null
  }

  async picturesOf(id: string): Promise<Picture[]> {
    const query = "query ($id: ID!) { dataset(id: $id) { images(first: 20) { edges { node { hash caption } } } } }"
    const { dataset } = await this.query(query, { id })
    return dataset.images.edges.map(({ node }: { node: Picture }) => node).sort(byHash)
  }

  /** A picture of the studio by its address. */
  async download(address: string): Promise<Buffer> {
    const response = await fetch(new URL(address, this.url), { headers: this.bearer })
    assert.ok(response.ok, address)
    return Buffer.from(await response.arrayBuffer())
  }

  /** The one image of a generation run that succeeds. */
  async drawn(runId: string): Promise<Buffer> {
    await this.succeeds(runId)
    const { generation } = await this.query("query ($id: ID!) { generation(id: $id) { images { url } } }", {
      id: runId,
    })
    const png = await this.download(generation.images[0].url)
    assert.equal(png.toString("latin1", 1, 4), "PNG")
    return png
  }

  /** The tiny model as a repository of the stand-in. @returns its commit */
  publishTiny(id: string, { isPrivate = false, readme }: { isPrivate?: boolean; readme?: string } = {}): string {
    const { blobs } = this.standIn.world
    const repository = this.standIn.add("model", id, { isPrivate })
    const files = new Map(repository.head("main")?.files)
    const paths = readdirSync(this.model, { recursive: true, encoding: "utf8" }).map((name) =>
      name.replaceAll(sep, "/"),
    )
    for (const path of paths)
      if (statSync(join(this.model, path)).isFile())
        files.set(path, storeFile(repository, blobs, path, readFileSync(join(this.model, path))))
    if (readme !== undefined) files.set("README.md", storeFile(repository, blobs, "README.md", Buffer.from(readme)))
    return repository.commit("main", "Tiny", files).oid
  }

  filesAt(type: "model" | "dataset", id: string): string[] {
    return [...(this.standIn.repository(type, id)?.head("main")?.files.keys() ?? [])]
  }

  /** A file of a repository of the stand-in. */
  published(type: "model" | "dataset", id: string, path: string): Buffer {
    const file = this.standIn.repository(type, id)?.head("main")?.files.get(path)
    assert.ok(file, path)
    return readFileSync(this.standIn.world.blobs.path(file.lfs?.oid ?? file.oid))
  }

  async addBase(source: "HUB" | "FOLDER", location: string): Promise<string> {
    const { teamId } = this
    const types = "$teamId: ID!, $source: BaseModelSource!, $location: String!"
    return (await this.mutate("addBaseModel", types, { teamId, source, location })).id
  }

  startPush(repo: string): Promise<{ id: string }> {
    const { datasetId } = this
    const types = "$datasetId: ID!, $repo: String!, $private: Boolean!"
    return this.mutate("pushDataset", types, { datasetId, repo, private: true })
  }

  startPull(hubId: string, name: string): Promise<{ id: string; targetId: string; repo: string }> {
    const { teamId } = this
    const types = "$teamId: ID!, $hubId: String!, $name: String"
    return this.mutate("pullDataset", types, { teamId, hubId, name }, "{ id targetId repo }")
  }

  /** A LoRA or full run of the five pictures. @returns the run */
  async startTraining(baseModelId: string, options: object): Promise<string> {
    const { teamId, datasetId } = this
    const concept = { teamId, name: `Robot ${crypto.randomUUID()}`, identifier: "sks", classNoun: "robot", datasetId }
    const { id: conceptId } = await this.mutate("createConcept", "$input: CreateConceptInput!", { input: concept })
    const input = { teamId, conceptId, baseModelId, options: { resolution: 64, ...options } }
    return (await this.mutate("startTraining", "$input: StartTrainingInput!", { input })).id
  }

  /** Signs a person up, connects them at the Hub and uploads the starter's pictures. */
  async furnish(): Promise<this> {
    this.bearer = await signIn({ url: this.url, email: "ada@example.org", password: "correct horse battery" })
    const { viewer } = await this.query("{ viewer { memberships { team { id } } } }")
    this.teamId = viewer.memberships[0].team.id
    const { teamId } = this
    const scopes = { teamId, name: "transfers", scopes: ["WRITE", "ADMIN"] }
    const types = "$teamId: ID!, $name: String!, $scopes: [TokenScope!]!"
    this.#token = (await this.mutate("createApiToken", types, scopes, "{ token }")).token
    const named = { teamId, name: "Robot" }
    this.datasetId = (await this.mutate("createDataset", "$teamId: ID!, $name: String!", named)).id
    const names = readdirSync(at("packages/starter/concept")).filter((name) => name.endsWith(".png"))
    const files = names.flatMap((name, i) => [
      { name, bytes: readFileSync(at(`packages/starter/concept/${name}`)) },
      { name: name.replace("png", "txt"), bytes: Buffer.from(`a sks robot, number ${i + 1}`) },
    ])
    const asked = {
      datasetId: this.datasetId,
      files: files.map(({ name, bytes }) => ({ name, byteSize: bytes.length })),
    }
    const uploadTypes = "$datasetId: ID!, $files: [UploadFileInput!]!"
    const uploads: { url: string }[] = await this.mutate("requestUploads", uploadTypes, asked, "{ url }")
    for (const [i, { bytes }] of files.entries()) {
      const put = await fetch(new URL(uploads[i]?.url ?? "", this.url), { method: "PUT", body: new Uint8Array(bytes) })
      assert.ok(put.ok, await put.text())
    }
    this.pictures = await this.picturesOf(this.datasetId)
    assert.equal(this.pictures.length, 5)
    assert.equal(new Set(this.pictures.map(({ caption }) => caption)).size, 5)
    await this.mutate("connectHub", "$token: String!", { token: this.standIn.token }, "{ hubUser }")
    return this
  }

  stop(): Promise<void> {
    return endAll(this.#parts)
  }
}

async function end(process: ChildProcess) {
  if (process.exitCode !== null || process.signalCode !== null) return
  const exited = once(process, "exit")
  process.kill("SIGTERM")
  await exited
}

async function endAll({ processes, postgres, standIn, folder }: Omit<Parts, "url" | "worker">): Promise<void> {
  await Promise.all(processes.map(end))
  await Promise.all([postgres.stop(), standIn.close()])
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** @param options of the stand-in */
export async function startStudioAtHub(options: StandInOptions = {}): Promise<StudioAtHub> {
  const folder = mkdtempSync(join(tmpdir(), "fjord-studio-at-hub-"))
  const [postgres, standIn] = await Promise.all([startTestDatabase(), startStandIn(options)])
  mkdirSync(join(folder, "tiny"))
  await newModel("tiny", join(folder, "tiny"), 1)
  const env = {
    ...process.env,
    DATABASE_URL: postgres.url,
    FJORD_DATA: join(folder, "data"),
    FJORD_SECRET: "a secret for tests, forty characters long",
    // All that there is to say, because it is looked through for what must not be said.
    FJORD_LOG_LEVEL: "trace",
    FJORD_THREADS: "1",
    HF_ENDPOINT: standIn.endpoint,
    HF_OAUTH_CLIENT_ID: oauthApplication.clientId,
    HF_OAUTH_CLIENT_SECRET: oauthApplication.clientSecret,
    PORT: "0",
  }
  const written: string[] = []
  const processes = ["server", "worker"].map((app) => {
    const child = spawn(process.execPath, [at(`apps/${app}/src/main.ts`)], {
      env,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text) => written.push(text))
    return child
  })
  try {
    const [server, worker] = processes
    assert.ok(server !== undefined && worker !== undefined)
    const ready = once(server, "message") as Promise<[{ url: string }]>
    const over = once(server, "exit").then(() => assert.fail(written.join("")))
    const [{ url }] = await Promise.race([ready, over])
    return await new StudioAtHub({ folder, postgres, standIn, worker, processes, written, url }).furnish()
  } catch (error) {
    await endAll({ processes, postgres, standIn, folder, written })
    throw error
  }
}
