/**
 * Checkpoints of a training run: root/checkpoints/step-00000100/{trainable.safetensors, optimiser.safetensors,
 * state.json, manifest.json}. A checkpoint is there whole or not at all; the manifest proves that it stayed so.
 */
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { dataTypeOf, readTensors, type TypedArray, writeSafetensors } from "@fjord/engine"
import { removeLeftovers, writeDirectoryAtomically } from "./folder/atomicDirectory.ts"
import { isJsonObject, type JsonObject, jsonText, readJsonObject } from "./folder/json.ts"
import { fileSha256 } from "./folder/modelHash.ts"

/** What a training step leaves behind; enough to go on as if nothing had happened. */
export interface CheckpointContent {
  /** Trainable parameters by path, flat. */
  readonly trainable: ReadonlyMap<string, Float32Array>
  /** Optimiser state by name, flat; 8-bit states as Uint8Array. */
  readonly optimiser: ReadonlyMap<string, TypedArray>
  /** Everything else: step, position in the data, random counters, losses. */
  readonly state: JsonObject
}

/** A checkpoint whose manifest was found true. */
export interface Checkpoint {
  readonly step: number
  readonly directory: string
}

/** A checkpoint that was passed over, and why, as a sentence. */
export interface BrokenCheckpoint extends Checkpoint {
  readonly reason: string
}

const contentFiles = ["trainable.safetensors", "optimiser.safetensors", "state.json"] as const
const stepName = /^step-(\d{8,})$/

function checkpointsDirectory(root: string): string {
  return join(root, "checkpoints")
}

/** Steps found under root/checkpoints, newest first; nothing is verified. */
async function listCheckpoints(root: string): Promise<Checkpoint[]> {
  const parent = checkpointsDirectory(root)
  const found: Checkpoint[] = []
  for (const name of await readdir(parent).catch(() => [])) {
    const digits = stepName.exec(name)?.[1]
    if (digits !== undefined) found.push({ step: Number(digits), directory: join(parent, name) })
  }
  return found.sort((a, b) => b.step - a.step)
}

async function writeTensors(path: string, tensors: ReadonlyMap<string, TypedArray>): Promise<void> {
  const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  await writeSafetensors(
    path,
    sorted.map(([name, data]) => ({ name, dataType: dataTypeOf(data), shape: [data.length], data })),
    { format: "pt" },
  )
}

/**
 * Writes the checkpoint of a step and removes all but the newest `keepLast`. It is on the disk when this returns.
 * Checkpoints of later steps are removed too: they are broken or belong to a course that the run has left.
 * Equal content gives equal bytes.
 */
export async function saveCheckpoint(
  root: string,
  step: number,
  content: CheckpointContent,
  keepLast: number,
): Promise<Checkpoint> {
  if (!Number.isSafeInteger(step) || step < 0 || !Number.isSafeInteger(keepLast) || keepLast < 1) {
    throw new RangeError(
      `A checkpoint of step ${step} keeping the last ${keepLast} is impossible; wanted a step from 0 and to keep at least 1.`,
    )
  }
  const directory = join(checkpointsDirectory(root), `step-${String(step).padStart(8, "0")}`)
  await writeDirectoryAtomically(directory, async (temporary) => {
    await writeTensors(join(temporary, "trainable.safetensors"), content.trainable)
    await writeTensors(join(temporary, "optimiser.safetensors"), content.optimiser)
    await writeFile(join(temporary, "state.json"), jsonText(content.state))
    const files: JsonObject = {}
    for (const name of contentFiles) {
      const path = join(temporary, name)
      files[name] = { size: (await stat(path)).size, sha256: await fileSha256(path) }
    }
    await writeFile(join(temporary, "manifest.json"), jsonText({ format: 1, step, files }))
  })
  const others = (await listCheckpoints(root)).filter((checkpoint) => checkpoint.step !== step)
  const older = others.filter((checkpoint) => checkpoint.step < step)
  const superseded = others.filter((checkpoint) => checkpoint.step > step)
  for (const old of [...superseded, ...older.slice(keepLast - 1)])
    await rm(old.directory, { recursive: true, force: true })
  return { step, directory }
}

/** Null when the checkpoint is what its manifest says, else what is wrong with it. */
async function findFault({ step, directory }: Checkpoint): Promise<string | null> {
  let files: JsonObject | null
  try {
    const manifest = await readJsonObject(join(directory, "manifest.json"), "The manifest of the checkpoint")
    if (manifest.format !== 1) return `manifest.json has format ${JSON.stringify(manifest.format)}; wanted 1.`
    if (manifest.step !== step) return `manifest.json is of step ${JSON.stringify(manifest.step)}, not of ${step}.`
    files = isJsonObject(manifest.files) ? manifest.files : null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  for (const name of contentFiles) {
    const expected = files?.[name]
    if (!isJsonObject(expected)) return `manifest.json does not list ${name}.`
    const path = join(directory, name)
    const size = (await stat(path).catch(() => null))?.size
    if (size === undefined) return `${name} is missing.`
    if (size !== expected.size) return `${name} has ${size} bytes instead of ${JSON.stringify(expected.size)}.`
    if ((await fileSha256(path)) !== expected.sha256) return `${name} has other bytes than were written.`
  }
  return null
}

/**
 * The newest checkpoint whose manifest holds, or null where there is none, with the newer ones that were passed over.
 * Leftovers of killed writes are removed first, so only the process that owns the run may call this.
 */
export async function latestCheckpoint(
  root: string,
): Promise<{ readonly checkpoint: Checkpoint | null; readonly broken: readonly BrokenCheckpoint[] }> {
  await removeLeftovers(checkpointsDirectory(root))
  const broken: BrokenCheckpoint[] = []
  for (const checkpoint of await listCheckpoints(root)) {
    const fault = await findFault(checkpoint)
    if (fault === null) return { checkpoint, broken }
    const reason = `The checkpoint of step ${checkpoint.step} in ${checkpoint.directory} is broken: ${fault}`
    broken.push({ ...checkpoint, reason })
  }
  return { checkpoint: null, broken }
}

/** Reads a checkpoint that latestCheckpoint or saveCheckpoint returned. Hashes are not looked at again. */
export async function loadCheckpoint({ directory }: Checkpoint): Promise<CheckpointContent> {
  const trainable = new Map<string, Float32Array>()
  for (const [name, { data }] of await readTensors(join(directory, "trainable.safetensors"))) {
    if (!(data instanceof Float32Array)) {
      throw new Error(
        `The checkpoint ${directory} has a trainable tensor ${name} that is not F32; it cannot be resumed.`,
      )
    }
    trainable.set(name, data)
  }
  const optimiser = new Map<string, TypedArray>()
  for (const [name, { data }] of await readTensors(join(directory, "optimiser.safetensors"))) optimiser.set(name, data)
  const state: unknown = JSON.parse(await readFile(join(directory, "state.json"), "utf8"))
  if (!isJsonObject(state)) throw new Error(`The checkpoint ${directory} has a state.json that is no JSON object.`)
  return { trainable, optimiser, state }
}
