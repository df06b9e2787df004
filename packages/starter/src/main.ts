/** The commands of the starter model: `node packages/starter/src/main.ts COMMAND`. */

import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { evaluate } from "./evaluate/evaluate.ts"
import { evaluationTables, judgeTable } from "./evaluate/tables.ts"
import { judgeFile, loadJudge } from "./judges/judge.ts"
import { judgeRounds, trainJudge } from "./judges/train.ts"
import { validateJudge } from "./judges/validate.ts"
import { writeShippedConcept } from "./subjects/concept.ts"
import { trainCommand, trainUsage } from "./training/command.ts"
import { writeSheet } from "./training/sheets.ts"
import { drawScene, sceneFromSeed } from "./world/scene.ts"

const usage = `Commands:
  sheet OUT.png [--size 128] [--from 0]      draws 48 scenes of the world on one picture
  concept                                    draws the sample concept anew
${trainUsage}
  judges [--round 0] [--threads 1]           trains the judge from a round on, and asks it about renderings
  judges --validate                          only asks the one at hand
  evaluate [--model DIR] [--subjects 4] [--pictures 96] [--threads 0] [--out out/starter-evaluation] [--steps N]
                                             prints the measures of the base model and of DreamBooth on it`

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const say = (line: string) => console.error(line)
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
      Array.from({ length: 48 }, async (_, i) => {
        const { pixels } = await drawScene(sceneFromSeed(from + i), size)
        return { rgb: pixels, width: size, height: size }
      }),
    )
    await writeSheet(file, pictures, 8)
    break
  }
  case "concept":
    await writeShippedConcept(here("../concept"))
    break
  case "train":
    await trainCommand(args)
    break
  case "judges": {
    const { values } = parseArgs({
      args,
      options: {
        validate: { type: "boolean", default: false },
        round: { type: "string", default: "0" },
        threads: { type: "string", default: "1" },
      },
    })
    const threads = Number(values.threads)
    if (!values.validate) {
      await mkdir(dirname(judgeFile), { recursive: true })
      const from = Number(values.round)
      for (const plan of judgeRounds.filter(({ round }) => round >= from))
        await trainJudge(judgeFile, { ...plan, threads, report: say })
    }
    const judge = await loadJudge(judgeFile, threads)
    console.log(judgeTable(await validateJudge(judge, 800)))
    await judge.release()
    break
  }
  case "evaluate": {
    const { values } = parseArgs({
      args,
      options: {
        model: { type: "string", default: here("../model") },
        subjects: { type: "string", default: "4" },
        pictures: { type: "string", default: "96" },
        threads: { type: "string", default: "0" },
        out: { type: "string", default: "out/starter-evaluation" },
        steps: { type: "string" },
      },
    })
    const evaluation = await evaluate({
      model: values.model,
      subjects: Number(values.subjects),
      pictures: Number(values.pictures),
      threads: Number(values.threads),
      out: values.out,
      ...(values.steps !== undefined && { maxTrainSteps: Number(values.steps) }),
      report: say,
    })
    console.log(evaluationTables(evaluation))
    break
  }
  default:
    console.error(usage)
    process.exitCode = 2
}
