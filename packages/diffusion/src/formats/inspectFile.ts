/** What a model file from a stranger is, told from its header before anything else reads it; without ONNX Runtime. */

import { open } from "node:fs/promises"
import { basename } from "node:path"
import type { ModelFileContents } from "@fjord/contracts"
import { openSafetensors } from "@fjord/engine/safetensors"
import { loadEmbedding } from "../text/embeddingFile.ts"
import { familyOf, kindOf } from "./checkpointKind.ts"
import { pickleRefused } from "./transfer.ts"

export { refusePickle } from "./transfer.ts"

/** How the containers of pickles begin: ZIP, as torch.save writes it, and the protocols 2 to 5 themselves. */
const pickleStarts = [[0x50, 0x4b, 0x03, 0x04], ...[2, 3, 4, 5].map((protocol) => [0x80, protocol])]

/** @throws one sentence for a file that is a pickle by its bytes, whatever its name says. */
async function refuseHiddenPickle(path: string): Promise<void> {
  await using handle = await open(path)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
  const begins = (start: readonly number[]) => start.length <= bytesRead && start.every((byte, i) => buffer[i] === byte)
  if (pickleStarts.some(begins)) throw pickleRefused(path)
}

/**
 * @param path of a .safetensors file; @param name the one it had where it comes from, which is the word of A1111's embeddings.
 * @throws one sentence for pickles, damaged files, other architectures and parts of a model.
 */
export async function inspectModelFile(path: string, name = basename(path)): Promise<ModelFileContents> {
  await refuseHiddenPickle(path)
  const file = await openSafetensors(path)
  switch (kindOf(file)) {
    case "lora":
      return { kind: "lora" }
    case "embedding":
      return { kind: "embedding", token: (await loadEmbedding(path, name)).token }
    case "component":
      throw new Error(
        `${path} is one component of a diffusers folder, not a whole model; give the folder that it belongs to instead.`,
      )
    default:
      return { kind: "checkpoint", family: familyOf(file) }
  }
}
