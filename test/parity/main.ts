/** `npm run parity -- DIR [SECTION…]`: compares Fjord with reference data laid out as the golden data's README says. */

import { stat } from "node:fs/promises"
import { resolve } from "node:path"
import { type Outcome, runParity, sectionNames } from "./sections.ts"

async function main(): Promise<number> {
  const [folder, ...wanted] = process.argv.slice(2)
  const unknown = wanted.filter((name) => !sectionNames.includes(name))
  if (folder === undefined || unknown.length > 0) {
    if (unknown.length > 0) console.error(`There is no parity section ${unknown.join(", ")}.`)
    console.error(`npm run parity -- DIR [SECTION…]; sections are ${sectionNames.join(", ")}.`)
    return 1
  }
  const directory = resolve(folder)
  if (!(await stat(directory).catch(() => undefined))?.isDirectory()) {
    console.error(`${directory} is no folder; give the folder of the reference data.`)
    return 1
  }
  const counts: Record<Outcome, number> = { passed: 0, failed: 0, skipped: 0 }
  for await (const { outcome, line } of runParity(directory, wanted.length > 0 ? wanted : sectionNames)) {
    counts[outcome]++
    console.log(line)
  }
  const nothing = counts.passed + counts.failed === 0
  if (nothing)
    console.error(
      `${directory} holds nothing to compare with for ${wanted.join(", ") || "any section"}; is it the folder of the reference data?`,
    )
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  return nothing || counts.failed > 0 ? 1 : 0
}

process.exitCode = await main()
