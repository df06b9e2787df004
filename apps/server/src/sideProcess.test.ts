import { test } from "node:test"
import { assertEndsWithParent, type SilentPipe, withSilentPipe } from "../../../test/orphans.ts"

const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)

/** Each reads a file on which nothing comes, and so works for ever. */
const jobs: readonly (readonly [work: string, file: string, job: (pipe: SilentPipe) => string])[] = [
  [
    "decodes pictures",
    "a.png",
    ({ path }) => `
      import { openImageDoor } from ${module("./datasets/imageDoor.ts")}
      await openImageDoor(50e6).admit(${JSON.stringify({ from: path, to: "/dev/null", rotate: 0 })})`,
  ],
  [
    "looks at model files",
    "a.safetensors",
    ({ path }) => `
      import { openModelDoor } from ${module("./models/modelDoor.ts")}
      await openModelDoor().admit(${JSON.stringify({ file: path, name: "a.safetensors" })})`,
  ],
  [
    "plans runs",
    "unet/config.json",
    ({ folder }) => `
      import { openPlanner } from ${module("./runs/planner.ts")}
      await openPlanner().plan(${JSON.stringify({ folder })})`,
  ],
]

for (const [work, file, job] of jobs)
  test(`the process that ${work} ends with its server, also when it is killed in the middle of the work`, () =>
    withSilentPipe(file, (pipe) => assertEndsWithParent(job(pipe), pipe.isRead)))
