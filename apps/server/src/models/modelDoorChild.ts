/** The child process in which strangers' model files are looked at: it may be killed at any moment without harm. */

import { inspectModelFile } from "@fjord/diffusion/modelFile"
import { type ModelDoorResult, modelDoorJob } from "./modelDoorJob.ts"

/** People know the file by the name that it had on their machine. */
const sentenceOf = (error: unknown, file: string, name: string) =>
  (error instanceof Error ? error.message : String(error)).replaceAll(file, name)

// The server has gone. To exit would be to wait for reads and decodings that may never end.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"))
process.on("message", async (message) => {
  const { id, file, name } = modelDoorJob.parse(message)
  const result: ModelDoorResult = await inspectModelFile(file, name).then(
    (contents) => ({ id, contents }),
    (error: unknown) => ({ id, problem: sentenceOf(error, file, name) }),
  )
  process.send?.(result)
})
