/**
 * Stable Diffusion 1.5's size with random weights: time and peak memory of each kind of work, every case in a process
 * of its own. Run: node bench/sd15.ts [CASE…]; see README.md here.
 */
import { spawnSync } from "node:child_process"
import { access, readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { AdamW, AdamW8bit, compile, defaultThreads, Graph } from "@fjord/engine"
import { memorySettings } from "../packages/diffusion/src/compute/memorySettings.ts"
import { denoise } from "../packages/diffusion/src/denoise.ts"
import { newModel } from "../packages/diffusion/src/models/newModel.ts"
import { TorchGenerator } from "../packages/diffusion/src/random/torchGenerator.ts"
import { createScheduler, trainingScheduler } from "../packages/diffusion/src/schedulers/index.ts"
import {
  encodePrompts,
  loadStableDiffusion,
  unetProgram,
  untuned,
  vaeDecoderProgram,
} from "../packages/diffusion/src/stableDiffusion.ts"
import { fullTrainable, loraTrainable } from "../packages/diffusion/src/training/trainable.ts"
import { createTrainer } from "../packages/diffusion/src/training/trainer.ts"

const directory = fileURLToPath(new URL("../.fjord/bench/sd15", import.meta.url))
/** Floating-point operations of one forward pass of the UNet, 64x64 latents, batch 1. */
const forwardOperations = 803e9
const [tokens, channels, latentCount] = [77, 768, 4 * 64 * 64]
const machine = {
  provider: "cpu",
  threads: Number(process.env.FJORD_THREADS ?? Math.min(2, defaultThreads())),
} as const

/** Prepares, then returns what is measured and how often after a warm-up. */
type Case = () => Promise<{ readonly run: () => Promise<unknown>; readonly rounds: number; readonly note?: string }>

const cases: Readonly<Record<string, Case>> = {
  forward: async () => {
    const program = await unetProgram(await model(), { batch: 1, height: 64, width: 64, tokens }, untuned, machine)
    const sample = new TorchGenerator(1).randn(latentCount)
    const context = new TorchGenerator(2).randn(tokens * channels)
    return { rounds: 3, run: () => program.run({ sample, timesteps: Float32Array.of(500), context }) }
  },
  "lora-recompute": () => training("recompute", "lora"),
  "lora-save": () => training("save", "lora"),
  "full-adamw": () => training("recompute", "full-adamw"),
  "full-adamw8bit": () => training("recompute", "full-adamw8bit"),
  "vae-decode": async () => {
    const program = await vaeDecoderProgram(await model(), 64, 64, machine)
    const latents = new TorchGenerator(1).randn(latentCount)
    return { rounds: 2, run: () => program.run({ latents }) }
  },
  "first-image": async () => ({ rounds: 0, run: firstImage, note: `${imageSteps} steps, guidance 7.5` }),
}

const imageSteps = 4

async function model() {
  return loadStableDiffusion(directory)
}

async function training(mode: "recompute" | "save", what: "lora" | "full-adamw" | "full-adamw8bit") {
  const loaded = await model()
  const lora = {
    rank: 4,
    loraAlpha: 4,
    loraTargetModules: "attention",
    loraConvolutions: false,
    trainTextEncoder: false,
  } as const
  const { parameters, tuning } =
    what === "lora" ? loraTrainable(loaded, lora, new TorchGenerator(3)) : await fullTrainable(loaded, false)
  const trainer = createTrainer({
    model: loaded,
    tuning,
    trainable: parameters,
    height: 64,
    width: 64,
    mode,
    machine,
    noiseScheduler: trainingScheduler({ betaStart: 0.00085, betaEnd: 0.012, betaSchedule: "scaled_linear" }),
    predictionType: "epsilon",
    optimiser: what === "full-adamw8bit" ? new AdamW8bit(machine) : new AdamW(machine),
    gradientAccumulationSteps: 1,
    maxGradNorm: 1,
    priorLossWeight: 1,
    snrGamma: undefined,
    trainTextEncoder: false,
  })
  const [latents, noise] = [new TorchGenerator(1).randn(latentCount), new TorchGenerator(2).randn(latentCount)]
  const states = new TorchGenerator(4).randn(tokens * channels)
  const phases: Record<string, number> = {}
  return {
    rounds: what === "lora" ? 2 : 1,
    phases,
    async run() {
      const text = { kind: "states", states, tokens } as const
      const start = performance.now()
      await trainer.accumulate({ latents, noise, timesteps: [500], text, priorRows: 0 })
      phases.gradients = (performance.now() - start) / 1000
      const norm = trainer.step(() => 1e-6)
      phases.step = (performance.now() - start) / 1000 - phases.gradients
      if (!Number.isFinite(norm)) throw new Error("the gradient is not finite")
    },
  }
}

async function firstImage() {
  const loaded = await model()
  const rows = loaded.tokenizer.tokenizeBatch(["", "a photo of a robot"]).map(({ ids }) => ids)
  const states = await encodePrompts(loaded, rows, untuned, machine)
  const context = Float32Array.from(states.flatMap((row) => [...row]))
  const unet = await unetProgram(
    loaded,
    { batch: 2, height: 64, width: 64, tokens: rows[0]?.length ?? tokens },
    untuned,
    machine,
  )
  const scheduler = createScheduler("ddim", { betaStart: 0.00085, betaEnd: 0.012, betaSchedule: "scaled_linear" })
  let latents = new Float32Array(latentCount)
  for await (const step of denoise({
    unet,
    scheduler,
    steps: imageSteps,
    guidanceScale: 7.5,
    context,
    seed: 1,
    latentCount,
  }))
    latents = Float32Array.from(step.latents)
  await unet.release()
  const decoder = await vaeDecoderProgram(loaded, 64, 64, machine)
  await decoder.run({ latents: latents.map((value) => value / 0.18215) })
}

/** Operations per second of a 2048³ product, by the clock and by the processor time of each thread. */
async function matMulRate(): Promise<{ readonly wall: number; readonly cpu: number }> {
  const n = 2048
  const graph = new Graph()
  const x = graph.input("x", [n, n])
  const program = await compile({ y: graph.linear(x, graph.input("w", [n, n])) }, { ...machine, weights: new Map() })
  const feeds = { x: new Float32Array(n * n).fill(0.5), w: new Float32Array(n * n).fill(0.25) }
  await program.run(feeds)
  const runs: Elapsed[] = []
  for (let i = 0; i < 7; i++) runs.push(await elapsed(() => program.run(feeds)))
  await program.release()
  const operations = 2 * n ** 3
  return {
    wall: operations / median(runs.map(({ wall }) => wall)),
    cpu: operations / median(runs.map(({ cpu }) => cpu)),
  }
}

/** Seconds. */
interface Elapsed {
  readonly wall: number
  /** Processor time divided by the threads: what the work takes where nobody else works. */
  readonly cpu: number
}

async function elapsed(work: () => Promise<unknown>): Promise<Elapsed> {
  const cpuStart = process.cpuUsage()
  const start = performance.now()
  await work()
  const wall = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpuStart)
  return { wall, cpu: (user + system) / 1e6 / machine.threads }
}

async function runCase(name: string) {
  const before = await matMulRate()
  const prepareStart = performance.now()
  const prepared = await (cases[name] as Case)()
  if (prepared.rounds > 0) await prepared.run()
  const preparation = (performance.now() - prepareStart) / 1000
  const runs: Elapsed[] = []
  for (let i = 0; i < Math.max(1, Number(process.env.ROUNDS ?? prepared.rounds)); i++)
    runs.push(await elapsed(prepared.run))
  const [, peak = "0"] = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile("/proc/self/status", "utf8")) ?? []
  const after = await matMulRate()
  // The faster of the two: a neighbour who slowed one down must not flatter the ratio.
  const rate = { wall: Math.max(before.wall, after.wall), cpu: Math.max(before.cpu, after.cpu) }
  const wall = median(runs.map((run) => run.wall))
  const cpu = median(runs.map((run) => run.cpu))
  const ratio = (seconds: number, operationsPerSecond: number) =>
    ((seconds * operationsPerSecond) / forwardOperations).toFixed(2)
  const fields = [
    name.padEnd(15),
    `${wall.toFixed(2)} s`,
    `ratio ${ratio(wall, rate.wall)}`,
    `cpu ${cpu.toFixed(2)} s/thread, ratio ${ratio(cpu, rate.cpu)}`,
    `peak ${((Number(peak) * 1024) / 1e9).toFixed(2)} GB`,
    `matmul ${(rate.wall / 1e9).toFixed(0)} GFLOP/s (by cpu ${(rate.cpu / 1e9).toFixed(0)})`,
    `first ${preparation.toFixed(1)} s`,
  ]
  console.log([...fields, ...(prepared.note ? [prepared.note] : [])].join(" | "))
  if ("phases" in prepared) console.log(" ".repeat(18) + JSON.stringify(prepared.phases))
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

if (process.argv[2] === "--case") await runCase(process.argv[3] ?? "")
else {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(cases)
  const unknown = wanted.filter((name) => !(name in cases))
  if (unknown.length > 0) throw new Error(`No case ${unknown.join(", ")}; there are ${Object.keys(cases).join(", ")}.`)
  await access(`${directory}/model_index.json`).catch(() => newModel("sd15", directory, 1))
  for (const name of wanted) {
    const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "--case", name], {
      stdio: "inherit",
      env: { ...process.env, ...memorySettings },
    })
    if (status !== 0) process.exitCode = 1
  }
}
