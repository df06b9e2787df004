/**
 * Whatever the command line can do, the API can. Both sides are read, so that a command or an option without a field of the
 * schema fails here; what is said otherwise there is written down below, and checked too.
 */

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { describe, test } from "node:test"
import { generationConfig, trainingOptions } from "../packages/contracts/src/index.ts"

const apps = join(import.meta.dirname, "../apps")
const cli = join(apps, "cli/src")

/** What is looked at of commander's commands. */
interface Command {
  name(): string
  readonly commands: readonly Command[]
  readonly registeredArguments: readonly { name(): string }[]
  readonly options: readonly { attributeName(): string }[]
}
type Fields = Readonly<Record<string, { readonly type: unknown }>>
type Arguments = readonly { readonly name: string; readonly type: unknown }[]
/** What is looked at of the schema. */
interface Schema {
  getMutationType(): { getFields(): Readonly<Record<string, { readonly args: Arguments }>> }
  getType(name: string): { getFields(): Fields } | undefined
}

// By their paths: both are checked against another set of types than the tests are.
const { program }: { program: Command } = await import(join(cli, "program.ts"))
const { schema }: { schema: Schema } = await import(join(apps, "server/src/schema/index.ts"))

/** The field of the API that says it, or why it needs none. */
type Otherwise = { readonly field: string } | { readonly because: string }
/** Fields of Mutation, or a type. */
type Place = { readonly mutations: readonly string[] } | { readonly type: string }

const lies = { because: "what is made lies in the studio" }
const live = { because: "runEvents tells of every run as it goes" }

/** Where the API does what a command does; as many as there are commands. */
const places: Readonly<Record<string, Place & { readonly otherwise?: Readonly<Record<string, Otherwise>> }>> = {
  train: {
    mutations: ["startTraining", "resumeRun"],
    otherwise: {
      config: { field: "options" },
      resume: { because: "resumeRun is a mutation of its own" },
      output: { field: "name" },
    },
  },
  generate: {
    mutations: ["generateImages"],
    otherwise: {
      model: { field: "baseModelId" },
      config: { field: "options" },
      from: { because: "an image of the studio has its settings, and an uploaded PNG those in its text" },
      initImage: { field: "imageToImage" },
      lora: { field: "loras" },
      embedding: { field: "embeddings" },
    },
  },
  grid: { mutations: ["makeGrid"], otherwise: { paths: { field: "pictures" }, out: { field: "format" } } },
  import: {
    mutations: ["requestModelUpload", "importFile"],
    otherwise: {
      out: { field: "name" },
      tokenizer: { field: "tokenizerOf" },
      base: { field: "baseModelId" },
      model: { field: "baseModelId" },
      dtype: { field: "dataType" },
    },
  },
  export: {
    mutations: ["exportModel"],
    otherwise: {
      path: { field: "modelId" },
      format: { field: "form" },
      dtype: { field: "dataType" },
      model: { because: "a model of the studio knows its base model" },
    },
  },
  merge: { mutations: ["mergeLoras"], otherwise: { model: { field: "modelId" }, lora: { field: "loras" } } },
  "push dataset": {
    mutations: ["pushDataset"],
    otherwise: {
      folder: { field: "datasetId" },
      id: { field: "repo" },
      public: { field: "private" },
      license: { field: "licence" },
    },
  },
  "push model": {
    mutations: ["draftModelCard", "saveModelCard", "pushModel"],
    otherwise: {
      folder: { field: "modelId" },
      id: { field: "repo" },
      public: { field: "private" },
      card: { field: "markdown" },
      // A card is drafted, changed and saved before it is pushed.
      base: { field: "markdown" },
      dataset: { field: "markdown" },
      license: { field: "markdown" },
      title: { field: "markdown" },
    },
  },
  "pull model": { mutations: ["pullModel"], otherwise: { id: { field: "hubId" }, out: { field: "name" } } },
  "pull dataset": { mutations: ["pullDataset"], otherwise: { id: { field: "hubId" }, out: { field: "name" } } },
  demo: { mutations: ["createSampleConcept", "startTraining"] },
  doctor: { type: "Worker" },
  "new-model": {
    mutations: ["createRandomModel"],
    otherwise: { kind: { field: "shape" }, dir: { field: "name" } },
  },
}

/** Names of fields and, through the types that `into` takes, of theirs. */
function namesOf(fields: Fields, into: (type: object) => boolean, names = new Set<string>()): Set<string> {
  for (const [name, { type }] of Object.entries(fields)) {
    if (names.has(name)) continue
    names.add(name)
    let inner = type
    while (typeof inner === "object" && inner !== null && "ofType" in inner) inner = inner.ofType
    if (typeof inner !== "object" || inner === null || !("getFields" in inner) || !into(inner)) continue
    namesOf((inner.getFields as () => Fields).call(inner), into, names)
  }
  return names
}

/** Names of all that mutations take. */
function taken(mutations: readonly string[]): Set<string> {
  const names = new Set<string>()
  for (const mutation of mutations) {
    const field = schema.getMutationType().getFields()[mutation]
    assert.ok(field !== undefined, `there is no mutation ${mutation}`)
    namesOf(Object.fromEntries(field.args.map((argument) => [argument.name, argument])), () => true, names)
  }
  return names
}

/** Names of all that a type tells of itself; what other nodes tell is theirs. */
function told(name: string): Set<string> {
  const type = schema.getType(name)
  assert.ok(type !== undefined)
  return namesOf(type.getFields(), (inner) => "getInterfaces" in inner && String(inner) === "JudgedJob")
}

/** What has no field of its name and is not written down, what is written down and not so, as sentences. */
function missing(
  names: readonly string[],
  fields: ReadonlySet<string>,
  otherwise: Readonly<Record<string, Otherwise>>,
) {
  return [
    ...names.filter((name) => !fields.has(name) && !(name in otherwise)).map((name) => `${name} has no field`),
    ...Object.entries(otherwise).flatMap(([name, said]) => {
      if (!names.includes(name)) return [`${name} is no option any more`]
      return "field" in said && !fields.has(said.field) ? [`${name} should be ${said.field}, which is no field`] : []
    }),
  ]
}

/** Commands that do something, by the words that a person types. */
function leaves(command: Command, path: readonly string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[path.join(" "), command]]
  return command.commands.flatMap((inner) => leaves(inner, [...path, inner.name()]))
}

const commands = leaves(program)

test("every command has its place in the API, and no other place is written down", () => {
  assert.deepEqual(Object.keys(places).sort(), commands.map(([name]) => name).sort())
})

describe("every argument and option of the command line is a field of the API", () => {
  for (const [name, command] of commands)
    test(name, () => {
      const place = places[name]
      assert.ok(place !== undefined)
      const fields = "type" in place ? told(place.type) : taken(place.mutations)
      const words = [
        ...command.registeredArguments.map((argument) => argument.name()),
        ...command.options.map((option) => option.attributeName()),
      ]
      const otherwise = {
        ...(words.includes("json") && { json: live }),
        ...(words.includes("out") && { out: lies }),
        ...place.otherwise,
      }
      assert.deepEqual(missing(words, fields, otherwise), [])
    })
})

test("every key of a configuration file is a field of the API", () => {
  assert.deepEqual(
    missing(Object.keys(trainingOptions.shape), taken(["startTraining"]), {
      model: { field: "baseModelId" },
      instanceImages: { field: "datasetId" },
      output: { field: "name" },
      classImages: { because: "the studio keeps class images and uses them again" },
    }),
    [],
  )
  assert.deepEqual(
    missing(Object.keys(generationConfig.shape), taken(["generateImages"]), {
      model: { field: "modelId" },
      initImage: { field: "imageToImage" },
      out: lies,
    }),
    [],
  )
})

test("whatever fjord doctor says of a machine, the API says of a worker's", () => {
  const args = [join(cli, "main.ts"), "doctor", "--json"]
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" })
  const events: object[] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  const keys = [...new Set(events.flatMap((event) => Object.keys(event)))]
  assert.ok(keys.length > 10, stdout)
  assert.deepEqual(missing(keys, told("Worker"), { type: { because: "it names the event" } }), [])
})
