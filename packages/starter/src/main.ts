/** The commands of the starter model: `node packages/starter/src/main.ts COMMAND`. */

import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { writeShippedConcept } from "./subjects/concept.ts"
import { drawScene, sceneFromSeed } from "./world/scene.ts"
import { contactSheet } from "./world/sheet.ts"

const usage = `Commands:
  sheet OUT.png [--size 128] [--from 0]   draws 48 scenes of the world on one picture
  concept                                 draws the sample concept anew`

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const [command, ...args] = process.argv.slice(2)

switch (command) {
  case "sheet": {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { size: { type: "string", default: "128" }, from: { type: "string", default: "0" } },
    })
    const [size, from] = [Number(values.size), Number(values.from)]
    const [file = "sheet.png"] = positionals
    const pictures = await Promise.all(
      Array.from({ length: 48 }, async (_, i) => (await drawScene(sceneFromSeed(from + i), size)).pixels),
    )
    await contactSheet(pictures, size, 8, file)
    break
  }
  case "concept":
    await writeShippedConcept(here("../concept"))
    break
  default:
    console.error(usage)
    process.exitCode = 2
}
