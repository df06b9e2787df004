/** Prints docs/configuration.md from the schemas: `node_modules/.bin/node scripts/configurationTable.ts --write`. */

import { writeFileSync } from "node:fs"
import { configurationDocument } from "../apps/cli/src/configurationDocument.ts"

const file = new URL("../docs/configuration.md", import.meta.url)
if (process.argv.includes("--write")) writeFileSync(file, configurationDocument())
else process.stdout.write(configurationDocument())
