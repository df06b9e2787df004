/** Types and documents for every operation under src, from the server's printed schema. */

import type { CodegenConfig } from "@graphql-codegen/cli"
import { writeDocuments } from "./src/graphql/splitDocuments.ts"

const config: CodegenConfig = {
  schema: "../server/schema.graphql",
  documents: ["src/**/*.graphql"],
  hooks: { afterAllFileWrite: (...paths: string[]) => paths.forEach(writeDocuments) },
  generates: {
    "src/graphql/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        defaultScalarType: "unknown",
        scalars: { DateTime: "string", JSON: "unknown" },
      },
    },
  },
}

export default config
