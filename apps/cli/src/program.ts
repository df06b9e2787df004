/** The commands of `fjord`, their arguments and options. */

import { Command } from "commander"
import { demo } from "./commands/demo.ts"
import { doctor } from "./commands/doctor.ts"
import { exportModel } from "./commands/export.ts"
import { generate } from "./commands/generate.ts"
import { grid } from "./commands/grid.ts"
import { importModel } from "./commands/import.ts"
import { merge } from "./commands/merge.ts"
import { createModel } from "./commands/newModel.ts"
import { addPullCommands } from "./commands/pull.ts"
import { addPushCommands } from "./commands/push.ts"
import { train } from "./commands/train.ts"

export const program = new Command("fjord")
  .description("Fine-tune Stable Diffusion on your own pictures and make images with the result.")
  .showSuggestionAfterError()
  .exitOverride()

program
  .command("train")
  .description("fine-tune a model on a folder of pictures")
  .argument("<config>", "YAML file; docs/configuration.md lists its keys, the tutorial's file works too")
  .option("--resume", "go on from the newest checkpoint of this config", false)
  .option("--json", "print one JSON event per line", false)
  .option("--output <dir>", "another output folder than the config's")
  .action(train)

program
  .command("generate")
  .description("make images from a prompt")
  .option("--model <dir>", "model folder in diffusers' layout, or its id on the Hub: owner/name or owner/name@revision")
  .option("--config <file>", "YAML file of these options in snake_case, or a training config whose result to use")
  .option("--from <png>", "an image of Fjord's to draw again, its options changed by those given here")
  .option("--prompt <text>", "what the image shows")
  .option("--negative-prompt <text>", "what it does not show")
  .option("--steps <n>", "denoising steps")
  .option("--guidance-scale <x>", "how closely the prompt is followed")
  .option("--seed <n>", "start of the random numbers")
  .option("--scheduler <name>", "sampler")
  .option("--num-images <n>", "how many images")
  .option("--width <px>", "a multiple of 8")
  .option("--height <px>", "a multiple of 8")
  .option("--init-image <file>", "a picture to start from instead of noise")
  .option("--strength <x>", "share of the steps made on it: near 0 keeps the picture, 1 replaces it (0.8)")
  .option("--lora <file:weight...>", "LoRA file, or its id on the Hub, with its weight (1 if absent); repeatable")
  .option("--embedding <file:token...>", "textual-inversion file with its word (the file's own if absent); repeatable")
  .option("--save-latents <file>", ".safetensors file for the final latents")
  .option("--provider <name>", "execution provider")
  .option("--threads <n>", "threads that compute; 0 is one per core")
  .option("--out <dir>", "folder for the images")
  .option("--json", "print one JSON event per line", false)
  .action(generate)

program
  .command("grid")
  .description("paste images into one contact sheet")
  .argument("<paths...>", "image files or folders")
  .option("--out <file>", "PNG or JPEG file to write", "grid.png")
  .option("--columns <n>", "images per row; nearly square if absent")
  .option("--json", "print one JSON event per line", false)
  .action(grid)

program
  .command("import")
  .description("turn a single-file checkpoint, or a LoRA of any form, into a folder that Fjord and diffusers read")
  .argument("<file>", ".safetensors file, or the folder of a PEFT adapter")
  .requiredOption("--out <dir>", "new folder")
  .option("--tokenizer <dir>", "folder with CLIP's vocab.json and merges.txt, or a model folder that has them")
  .option("--base <dir>", "model folder of the same architecture, for its scheduler, tokenizer and number of heads")
  .option("--prediction-type <name>", "epsilon or v_prediction, where Fjord finds out wrongly")
  .option("--dtype <name>", "float32, float16 or bfloat16; the file's own if absent")
  .option("--model <dir>", "for a LoRA: the model it is for, where that is no published one")
  .option("--json", "print one JSON event per line", false)
  .action(importModel)

program
  .command("export")
  .description("write a model or a LoRA in another program's form")
  .argument("<path>", "model folder, or LoRA file or folder")
  .requiredOption("--format <name>", "single-file, onnx or fp16 for a model; kohya, peft or diffusers for a LoRA")
  .requiredOption("--out <path>", "new .safetensors file (single-file, kohya, diffusers) or new folder (others)")
  .option("--dtype <name>", "single-file: float32, float16 or bfloat16; as stored if absent")
  .option("--width <px>", "onnx: the only width that the models take; the model's own if absent")
  .option("--height <px>", "onnx: the only height that the models take; the model's own if absent")
  .option("--batch <n>", "onnx: rows of the UNet; 2 is one image with guidance")
  .option("--model <dir>", "for a LoRA: the model it is for, where that is no published one")
  .option("--json", "print one JSON event per line", false)
  .action(exportModel)

program
  .command("merge")
  .description("merge LoRAs into the weights of a model")
  .requiredOption("--model <dir>", "model folder in diffusers' layout")
  .requiredOption("--lora <file:weight...>", "LoRA with its weight (1 if absent); may be given several times")
  .requiredOption("--out <dir>", "new folder")
  .option("--json", "print one JSON event per line", false)
  .action(merge)

addPushCommands(program)
addPullCommands(program)

program
  .command("demo")
  .description("train the model that ships with Fjord on five pictures that do too, in a few minutes")
  .option("--out <dir>", "new folder for the model, its samples and the contact sheet", "fjord-demo")
  .option("--threads <n>", "threads that compute; 0 is one per core")
  .option("--json", "print one JSON event per line", false)
  .action(demo)

program
  .command("doctor")
  .description("say what this machine can do")
  .option("--json", "print one JSON object per line", false)
  .action(doctor)

program
  .command("new-model")
  .description("write a model with random weights in the real shapes, for benchmarks and tests")
  .argument("<kind>", "sd15, sd21 or tiny")
  .argument("<dir>", "new folder")
  .option("--seed <n>", "start of the random numbers", "0")
  .option("--json", "print one JSON event per line", false)
  .action(createModel)
