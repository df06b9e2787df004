import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { readGenerationFile, readTrainingFile } from "./configFile.ts"

const folder = mkdtempSync(join(tmpdir(), "fjord-config-"))
after(() => rmSync(folder, { recursive: true }))

function write(text: string): string {
  const file = join(folder, "config.yml")
  writeFileSync(file, text)
  return file
}

const tutorial = `train_params:
  stable_diffusion_backbone: CompVis/stable-diffusion-v1-4
  feature_extractor: openai/clip-vit-base-patch32
  hugging_face_image_store: StatsGary/dreambooth-hackathon-images
  learning_rate: 2e-06
  max_train_steps: 400
  resolution: 512
  train_bs: 1
  grad_accum_steps: 8
  max_gradient_norm: 1.0
  sample_batch_size: 2
  model_checkpoint_name: norweigen-fjords-dreambooth
  random_shuffle_train_set: True
  use_8bit_optimizer: True
  concept_name: norweign-fjords
  item_type: fjord
eval_params:
  image_save_path: images
  eval_prompt: a viking on a boat in a fjord
`

const own = `model: base
instance_images: photos
instance_prompt: a photo of sks toy
output: out
`

const refusal = (text: string, message: RegExp) => assert.throws(() => readTrainingFile(write(text)), { message })

test("the tutorial's file is accepted unchanged and means what the tutorial's loop does", () => {
  const { training, featureExtractor, evaluation } = readTrainingFile(write(tutorial))
  assert.equal(featureExtractor, "openai/clip-vit-base-patch32")
  assert.equal(training.model, "CompVis/stable-diffusion-v1-4")
  assert.equal(training.instanceImages, "StatsGary/dreambooth-hackathon-images")
  assert.equal(training.instancePrompt, "a photo of norweign-fjords fjord")
  assert.equal(training.output, "norweigen-fjords-dreambooth")
  assert.equal(training.method, "full")
  assert.equal(training.learningRate, 2e-6)
  assert.equal(training.maxTrainSteps, 400)
  assert.equal(training.gradientAccumulationSteps, 8)
  assert.equal(training.maxGradNorm, 1)
  assert.equal(training.sampleBatchSize, 2)
  assert.equal(training.shuffle, true)
  assert.equal(training.use8bitAdam, true)
  assert.equal(training.tokenPadding, "longest")
  assert.equal(training.seed, 3434554)
  assert.deepEqual(evaluation, {
    prompt: "a viking on a boat in a fjord",
    out: "images",
    guidanceScale: 7,
    numImages: 2,
  })
})

test("numbers and booleans that a YAML reader left as text are read in the tutorial's file", () => {
  const text = tutorial.replace("2e-06", '"2e-06"').replace("use_8bit_optimizer: True", 'use_8bit_optimizer: "True"')
  const { training } = readTrainingFile(write(text))
  assert.equal(training.learningRate, 2e-6)
  assert.equal(training.use8bitAdam, true)
})

test("an unknown key in the tutorial's file is named with the nearest one", () => {
  refusal(
    tutorial.replace("max_train_steps", "max_train_step"),
    /train_params: unknown key max_train_step; did you mean max_train_steps\?/,
  )
})

test("a value out of range in the tutorial's file is an error", () => {
  refusal(tutorial.replace("resolution: 512", "resolution: 500"), /resolution must be a multiple of 8, got 500/)
})

test("our own file is in snake_case, and defaults are filled in", () => {
  const { training, evaluation } = readTrainingFile(write(`${own}use_8bit_adam: true\nadam_beta1: 0.8\n`))
  assert.equal(training.use8bitAdam, true)
  assert.equal(training.adamBeta1, 0.8)
  assert.equal(training.method, "lora")
  assert.equal(training.learningRate, 1e-4)
  assert.equal(training.loraAlpha, 8)
  assert.equal(training.maxTrainSteps, 500)
  assert.equal(evaluation, undefined)
})

test("what a model's own file suggests for the method is the default of its runs, and the config's word is the last", () => {
  const model = join(folder, "small")
  mkdirSync(model)
  const suggest = (text: string) => writeFileSync(join(model, "fjord.json"), text)
  suggest('{ "training": { "lora": { "learningRate": 0.001, "rank": 16 }, "full": { "learningRate": 0.0002 } } }')
  const config = own.replace("model: base", `model: ${model}`)
  assert.equal(readTrainingFile(write(config)).training.learningRate, 1e-3)
  assert.equal(readTrainingFile(write(`${config}method: full\n`)).training.learningRate, 2e-4)
  const { training } = readTrainingFile(write(`${config}learning_rate: 0.5\n`))
  assert.deepEqual([training.learningRate, training.rank], [0.5, 16])
  suggest('{ "training": { "lora": { "learningRate": 7 } } }')
  refusal(config, /fjord\.json is not understood \(.*learningRate.*\); mend it or delete it\./)
})

test("unknown keys are errors that suggest the nearest key, one sentence each", () => {
  refusal(`${own}learning_rat: 1e-4\n`, /unknown key learning_rat; did you mean learning_rate\?/)
  refusal(`${own}learningRate: 1e-4\n`, /unknown key learningRate; did you mean learning_rate\?/)
  refusal(`${own}instance_data_dir: x\n`, /unknown key instance_data_dir; did you mean instance_images\?/)
  refusal(`${own}zzzzzzzzzzzzzz: x\n`, /unknown key zzzzzzzzzzzzzz; docs\/configuration.md lists all keys\./)
})

test("values out of range are errors that name key, value and bound", () => {
  refusal(`${own}learning_rate: -1\n`, /learning_rate must be greater than 0, got -1\./)
  refusal(`${own}rank: 0\n`, /rank must be greater than 0, got 0\./)
  refusal(`${own}rank: 1.5\n`, /rank must be a whole number, got 1\.5\./)
  refusal(`${own}method: lorra\n`, /method must be one of full, lora, got "lorra"\./)
  refusal(`${own}seed: -3\n`, /seed must be at least 0, got -3\./)
  refusal(`${own}shuffle: 3\n`, /shuffle must be of type boolean, got 3\./)
})

test("options that need or exclude each other are checked", () => {
  refusal(`${own}with_prior_preservation: true\n`, /class_prompt is missing, and with_prior_preservation needs it/)
  refusal(`${own}random_crop: true\n`, /random_crop and center_crop cannot both be on/)
  refusal(own.replace(/instance_prompt.*\n/, ""), /instance_prompt is missing, and captions is off/)
  refusal(own.replace(/model.*\n/, ""), /model is missing/)
})

test("a missing file and broken YAML are one sentence", () => {
  assert.throws(() => readTrainingFile("nowhere.yml"), { message: "The config file nowhere.yml does not exist." })
  refusal("model: [", /is not valid YAML at line 1/)
  refusal("just text", /must be YAML of the form key: value/)
})

test("generation takes the model of a training config, with its LoRA where it made one", () => {
  assert.deepEqual(readGenerationFile(write(own)), {
    model: "base",
    loras: [{ file: join("out", "pytorch_lora_weights.safetensors"), weight: 1 }],
    provider: "cpu",
    threads: 0,
  })
  const full = readGenerationFile(write(tutorial))
  assert.equal(full.model, "norweigen-fjords-dreambooth")
  assert.equal(full.prompt, "a viking on a boat in a fjord")
  assert.deepEqual(readGenerationFile(write("model: m\nguidance_scale: 3\n")), { model: "m", guidanceScale: 3 })
})
