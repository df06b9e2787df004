import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { describe, test } from "node:test"
import { pythonHas } from "../hub.fixture.ts"
import { checkModelCard } from "./checkModelCard.ts"
import { parseFrontMatter } from "./frontMatter.ts"
import { derivedLicence, familyOf } from "./licence.ts"
import { type ModelCard, modelCard } from "./modelCard.ts"

const lora: ModelCard = {
  title: "Robot",
  id: "anna/robot",
  method: "lora",
  family: "sd1",
  licence: derivedLicence("sd1"),
  baseModel: { id: "CompVis/stable-diffusion-v1-4", revision: "0".repeat(40) },
  instancePrompt: "a photo of sks toy",
  dataset: "anna/robot-pictures",
  samples: [{ prompt: "a photo of sks toy on the moon", image: "images/sample-0.png" }],
  settings: [["learning rate", "0.0001"]],
  figures: [["last loss", "0.093"]],
  kohyaFile: "pytorch_lora_weights_kohya.safetensors",
}

describe("the card of a LoRA", () => {
  const text = modelCard(lora)
  const { data, body } = parseFrontMatter(text)

  test("says to the Hub what it is", () => {
    assert.deepEqual(data, {
      license: "creativeml-openrail-m",
      library_name: "diffusers",
      pipeline_tag: "text-to-image",
      base_model: "CompVis/stable-diffusion-v1-4",
      base_model_relation: "adapter",
      instance_prompt: "a photo of sks toy",
      inference: true,
      datasets: ["anna/robot-pictures"],
      tags: [
        "text-to-image",
        "diffusers",
        "dreambooth",
        "diffusers-training",
        "stable-diffusion",
        "stable-diffusion-diffusers",
        "lora",
        "template:sd-lora",
        "fjord",
      ],
      widget: [{ text: "a photo of sks toy on the moon", output: { url: "images/sample-0.png" } }],
    })
    assert.deepEqual(checkModelCard(text), [])
  })

  test("says to people how to use it and how it was made", () => {
    assert.match(body, /<Gallery \/>/)
    assert.match(body, /load_lora_weights\("anna\/robot", weight_name="pytorch_lora_weights.safetensors"\)/)
    assert.match(body, /fjord generate --model CompVis\/stable-diffusion-v1-4 --lora anna\/robot --prompt 'a photo/)
    assert.match(body, /`pytorch_lora_weights_kohya.safetensors`/)
    assert.match(body, /\| learning rate \| `0.0001` \|/)
    assert.match(body, /\| last loss \| `0.093` \|/)
    assert.match(body, /use restrictions apply to this model too/)
  })
})

test("the card of a full model is a fine-tuned one and loads as a pipeline", () => {
  const text = modelCard({ ...lora, method: "full", kohyaFile: undefined })
  const { data, body } = parseFrontMatter(text)
  assert.equal(data.base_model_relation, "finetune")
  assert.ok(Array.isArray(data.tags) && !data.tags.includes("lora"))
  assert.match(body, /from_pretrained\("anna\/robot"/)
  assert.match(body, /fjord generate --model anna\/robot/)
})

test("a card without base, prompt and pictures leaves those keys out and is still right", () => {
  const { baseModel: _base, instancePrompt: _prompt, dataset: _dataset, ...rest } = lora
  const bare: ModelCard = { ...rest, family: "starter", licence: derivedLicence("starter"), samples: [], settings: [] }
  const text = modelCard(bare)
  assert.equal(parseFrontMatter(text).data.license, "apache-2.0")
  assert.ok(checkModelCard(text).every(({ level }) => level === "warning"))
  assert.ok(!/undefined|<Gallery/.test(text))
})

test("prompts that look like YAML, Markdown, Python or a shell stay what they are", () => {
  const prompts = [
    "no: \"quotes\" # and 'more'",
    "---\nlicense: mit\n---",
    "a `code` | bar\nnew line",
    "$(rm -rf ~) \\ %",
    "- [ ] *x* <img src=x onerror=alert(1)>",
    "ä 字 🤖 null",
  ]
  for (const prompt of prompts) {
    const samples = [{ prompt, image: "images/sample-0.png" }]
    const text = modelCard({ ...lora, title: prompt, instancePrompt: prompt, samples })
    const { data, body } = parseFrontMatter(text)
    assert.equal(data.instance_prompt, prompt)
    assert.deepEqual(data.widget, [{ text: prompt, output: { url: "images/sample-0.png" } }])
    assert.equal(data.license, "creativeml-openrail-m")
    assert.deepEqual(checkModelCard(text), [])
    assert.equal(body.match(/^```/gm)?.length, 4)
    const literal = /pipeline\((".*")\)\.images/.exec(body)?.[1]
    assert.equal(JSON.parse(literal ?? ""), prompt)
  }
})

const skip = pythonHas("ast") ? false : "there is no python3 on this machine"

test("the snippet for diffusers is Python, whatever the prompt", { skip }, () => {
  for (const prompt of ["a photo of sks toy", "quotes \" and ' and \\ and `", "two\nlines 字 🤖"])
    for (const method of ["full", "lora"] as const) {
      const text = modelCard({ ...lora, method, samples: [{ prompt, image: "images/sample-0.png" }] })
      const program = /```python\n([\s\S]*?)```/.exec(text)?.[1] ?? ""
      assert.match(program, /from_pretrained/)
      execFileSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], { input: program, stdio: "pipe" })
    }
})

test("the licence is the one on the base's card, or else its family's", () => {
  assert.deepEqual(derivedLicence("sd2"), { license: "openrail++" })
  assert.deepEqual(derivedLicence("sdxl"), { license: "openrail++" })
  assert.deepEqual(derivedLicence("sd1", { license: "mit", tags: [] }), { license: "mit" })
  const other = { license: "other", license_name: "sai-nc-community", license_link: "LICENSE" }
  assert.deepEqual(derivedLicence("sdxl", other), other)
  assert.equal(familyOf("CompVis/stable-diffusion-v1-4"), "sd1")
  assert.equal(familyOf("stabilityai/stable-diffusion-2-1-base"), "sd2")
  assert.equal(familyOf("stabilityai/stable-diffusion-xl-base-1.0"), "sdxl")
  assert.equal(familyOf("anna/robot"), undefined)
})

test("what the Hub would not understand is said field by field", () => {
  const fields = (text: string) =>
    checkModelCard(text).flatMap(({ level, field }) => (level === "error" ? [field] : []))
  assert.deepEqual(fields("# No front matter\n"), ["license"])
  assert.deepEqual(fields("---\nlicense: [\n---\n"), [""])
  assert.deepEqual(fields("---\nlicense: my-own\nbase_model: x y\nbase_model_relation: child\n---\n"), [
    "license",
    "base_model",
    "base_model_relation",
  ])
  assert.deepEqual(fields("---\nlicense: mit\nwidget:\n- text: a\n  output: {url: ../../x.png}\n---\n"), [
    "widget.0.output.url",
  ])
  assert.deepEqual(fields("---\nlicense: mit\ntags: lora\ninstance_prompt: 3\n---\n"), ["instance_prompt", "tags"])
  const line = checkModelCard("---\nlicense: mit\ntags: [a\n---\n")[0]?.message ?? ""
  assert.match(line, /not valid YAML at line \d/)
})
