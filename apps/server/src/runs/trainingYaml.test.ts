import assert from "node:assert/strict"
import { test } from "node:test"
import { parseTrainingYaml } from "./trainingYaml.ts"

/** As the tutorial ships it. */
const tutorial = `
train_params:
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

test("the tutorial's file is taken over, its prompt of evaluation as a sample, and what the form asks for is named", () => {
  const { options, problems } = parseTrainingYaml(tutorial)
  assert.deepEqual(options, {
    instancePrompt: "a photo of norweign-fjords fjord",
    method: "full",
    sampleBatchSize: 2,
    resolution: 512,
    centerCrop: true,
    shuffle: true,
    tokenPadding: "longest",
    trainBatchSize: 1,
    gradientAccumulationSteps: 8,
    maxTrainSteps: 400,
    learningRate: 2e-6,
    use8bitAdam: true,
    maxGradNorm: 1,
    seed: 3434554,
    validationPrompts: ["a viking on a boat in a fjord"],
  })
  assert.equal(problems.length, 1)
  assert.match(problems[0] ?? "", /CompVis\/stable-diffusion-v1-4.*chosen in the form/)
})

test("a value that no run could have is left out with its reason, the others are taken", () => {
  const { options, problems } = parseTrainingYaml("rank: 4\nlearning_rate: fast\nranks: 3\nmodel: ./sd")
  assert.deepEqual(options, { rank: 4 })
  assert.equal(problems.length, 3)
  assert.match(problems.join("\n"), /ranks is no option of training/)
  assert.match(problems.join("\n"), /model: The base model is chosen in the form/)
  assert.match(problems.join("\n"), /learning_rate: .*expected number/)
})
