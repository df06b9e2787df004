/**
 * What Fjord publishes and writes, in the hands of the libraries that it is for: where python3 has diffusers, PEFT and
 * transformers, the snippets of the cards are run as they stand, and single files, LoRAs and PEFT folders are loaded.
 */

import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { convertLora, exportCheckpoint, newModel } from "@fjord/diffusion"
import { float32ToFloat16, openSafetensors, writeSafetensors } from "@fjord/engine"
import { derivedLicence, type ModelCard, modelCard, pushModel } from "@fjord/hub"
import { connectTo, pythonHas, runPython, scratchFolder } from "../../../packages/hub/src/hub.fixture.ts"
import { type StandIn, startStandIn } from "../../../test/hub/standIn.ts"

const has = pythonHas("torch", "diffusers", "transformers", "peft")
const skip = has ? false : "python3 has no torch, diffusers, transformers and peft on this machine"

const program = `
import json, sys
import torch
torch.set_num_threads(1)
from diffusers import StableDiffusionPipeline
from peft import PeftModel, get_peft_model_state_dict
from safetensors.torch import load_file

asked = json.loads(sys.argv[1])
call = StableDiffusionPipeline.__call__
# The snippets say nothing of steps; fewer of them are enough to see that everything fits together.
StableDiffusionPipeline.__call__ = lambda self, *given, **named: call(self, *given, **{"num_inference_steps": 2, **named})

def load(**named):
    return StableDiffusionPipeline.from_pretrained(asked["base"], **named)

for name, snippet in asked["snippets"].items():
    import os
    os.chdir(asked["folders"][name])
    exec(compile(snippet, name, "exec"), {})
    print("ran", name)

whole, single = load(), StableDiffusionPipeline.from_single_file(asked["single"], config=asked["base"])
for component in ("unet", "vae", "text_encoder"):
    one, other = getattr(whole, component).state_dict(), getattr(single, component).state_dict()
    assert one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one), component
print("ran single file")

def draw(pipeline):
    return pipeline("a toy", generator=torch.Generator().manual_seed(0), output_type="np").images

images = {}
for name, file in asked["loras"].items():
    pipeline = load()
    pipeline.load_lora_weights(os.path.dirname(file), weight_name=os.path.basename(file))
    images[name] = draw(pipeline)
assert abs(images["diffusers"] - draw(whole)).max() > 1e-3
assert abs(images["diffusers"] - images["kohya"]).max() < 1e-5, "both files say the same"
print("ran LoRA files")

adapter = PeftModel.from_pretrained(load().unet, asked["peft"])
stored = load_file(asked["peft"] + "/adapter_model.safetensors")
loaded = get_peft_model_state_dict(adapter)
assert loaded.keys() == stored.keys() and all(torch.equal(loaded[key], stored[key]) for key in stored)
print("ran PEFT")
`

describe("diffusers and PEFT", { skip }, () => {
  const scratch = scratchFolder()
  let standIn: StandIn
  before(async () => {
    standIn = await startStandIn()
  })
  after(() => standIn.close())

  test("run the snippets of the cards, and load single files, LoRAs and PEFT folders with the same weights", async () => {
    const base = join(scratch, "base")
    mkdirSync(base)
    await newModel("tiny", base, 1)
    const file = join(scratch, "pytorch_lora_weights.safetensors")
    await writeLora(base, file)
    const kohya = join(scratch, "pytorch_lora_weights_kohya.safetensors")
    await convertLora(file, kohya, "kohya", { model: base })
    await convertLora(file, join(scratch, "peft"), "peft", { model: base })
    await exportCheckpoint(base, join(scratch, "single.safetensors"))
    const loraFolder = join(scratch, "lora")
    mkdirSync(loraFolder)
    await convertLora(file, join(loraFolder, "pytorch_lora_weights.safetensors"), "diffusers", { model: base })

    const common: Omit<ModelCard, "id" | "method"> = {
      title: "Robot",
      family: "sd1",
      licence: derivedLicence("sd1"),
      baseModel: { id: "anna/tiny" },
      instancePrompt: 'a photo of "sks" \\ toy',
      samples: [],
      settings: [],
    }
    const cards = {
      full: modelCard({ ...common, id: "anna/tiny", method: "full" }),
      lora: modelCard({ ...common, id: "anna/lora", method: "lora" }),
    }
    const connection = connectTo(standIn, join(scratch, "cache"))
    await pushModel(connection, "anna/tiny", { folder: base, card: cards.full })
    await pushModel(connection, "anna/lora", { folder: loraFolder, card: cards.lora })
    const snippets = Object.fromEntries(
      Object.entries(cards).map(([name, card]) => [
        name,
        /```python\n([\s\S]*?)```/.exec(card)?.[1] ?? assert.fail(card),
      ]),
    )
    const folders = Object.fromEntries(
      Object.keys(snippets).map((name) => [name, mkdtempSync(join(scratch, `${name}-`))]),
    )
    const asked = {
      base,
      snippets,
      folders,
      single: join(scratch, "single.safetensors"),
      loras: { diffusers: file, kohya },
      peft: join(scratch, "peft", "unet"),
    }
    const environment = { HF_HUB_DISABLE_XET: "1", OMP_NUM_THREADS: "1" }
    const said = await runPython(standIn, program, [JSON.stringify(asked)], scratch, process.env, environment)
    for (const name of ["full", "lora", "single file", "LoRA files", "PEFT"])
      assert.ok(said.includes(`ran ${name}`), said)
    for (const folder of Object.values(folders))
      assert.equal(readFileSync(join(folder, "image.png")).toString("latin1", 1, 4), "PNG")
  })
})

/** A LoRA on all attention projections of the UNet, strong enough to be seen. */
async function writeLora(base: string, file: string): Promise<void> {
  const { tensors } = await openSafetensors(join(base, "unet", "diffusion_pytorch_model.safetensors"))
  const layers = [...tensors].flatMap(([key, { shape }]) => {
    const module = /^(.*\.(?:to_[qkv]|to_out\.0))\.weight$/.exec(key)?.[1]
    const [out = 0, into = 0] = shape
    const matrix = (part: string, rows: number, columns: number) => ({
      name: `unet.${module}.lora.${part}.weight`,
      dataType: "F16" as const,
      shape: [rows, columns],
      data: float32ToFloat16(Float32Array.from({ length: rows * columns }, (_, i) => 0.3 * Math.sin(i + key.length))),
    })
    return module === undefined ? [] : [matrix("down", 2, into), matrix("up", out, 2)]
  })
  await writeSafetensors(file, layers, { format: "pt" })
}
