import assert from "node:assert/strict"
import { test } from "node:test"
import type { FjordEvent } from "@fjord/contracts"
import { parseLora } from "./commands/generate.ts"
import { createProgress } from "./progress.ts"

const events: FjordEvent[] = [
  { type: "RunStarted", steps: 4 },
  {
    type: "StepFinished",
    step: 2,
    loss: 0.125,
    gradNorm: 1,
    learningRate: 1e-4,
    secondsPerStep: 2.5,
    etaSeconds: 90,
    residentBytes: 4.1e9,
  },
  { type: "CheckpointSaved", step: 2, folder: "out/checkpoint-2" },
]

function shown(options: { json: boolean; isTTY: boolean; told?: FjordEvent[] }): string {
  let text = ""
  const screen = {
    isTTY: options.isTTY,
    columns: 120,
    write: (part: string) => {
      text += part
    },
  }
  const show = createProgress(screen, options)
  for (const event of options.told ?? events) show(event)
  return text
}

const step = "loss 0.1250  lr 0.000100  2.50 s/step  ETA 1 min 30 s  memory 4.1 GB"

test("without a terminal each step is a plain line", () => {
  const text = shown({ json: false, isTTY: false })
  assert.equal(text, `Training 4 steps.\nstep 2/4  ${step}\nCheckpoint of step 2: out/checkpoint-2\n`)
})

test("on a terminal the bar shows step, loss, speed, ETA and memory, and makes room for lines that stay", () => {
  const text = shown({ json: false, isTTY: true })
  assert.ok(text.includes(`\rstep [============>           ] 2/4  ${step}\u001b[K`))
  assert.ok(text.endsWith("\r\u001b[KCheckpoint of step 2: out/checkpoint-2\n"))
})

const phases: FjordEvent[] = [
  { type: "PhaseProgressed", phase: "model" },
  { type: "PhaseProgressed", phase: "pictures", done: 1, total: 4 },
  { type: "PhaseProgressed", phase: "pictures", done: 2.5, total: 4 },
  { type: "RunStarted", steps: 4 },
]

test("what is done before the steps is said: on a terminal with a bar that moves, elsewhere in a line for each phase", () => {
  assert.equal(
    shown({ json: false, isTTY: false, told: phases }),
    "Loading the model…\nReading the pictures…\nTraining 4 steps.\n",
  )
  const terminal = shown({ json: false, isTTY: true, told: phases })
  assert.ok(terminal.includes("\rLoading the model …\u001b[K\rReading the pictures, 1 of 4 [======>"))
  assert.ok(terminal.includes("\rReading the pictures, 2 of 4 [===============>        ]\u001b[K"))
  assert.ok(terminal.endsWith("\r\u001b[KTraining 4 steps.\n"))
})

test("--json prints one event per line", () => {
  const lines = shown({ json: true, isTTY: true }).trimEnd().split("\n")
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    events,
  )
})

test("a LoRA's weight follows the last colon", () => {
  assert.deepEqual(parseLora("a.safetensors"), { file: "a.safetensors", weight: 1 })
  assert.deepEqual(parseLora("C:\\x\\a.safetensors:-0.5"), { file: "C:\\x\\a.safetensors", weight: -0.5 })
})
