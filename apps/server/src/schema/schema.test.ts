import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import { generationRunOptions, trainingRunOptions } from "@fjord/contracts"
import { buildSchema, isInputObjectType, isObjectType, lexicographicSortSchema, printSchema } from "graphql"
import { generationOptionDescriptions, trainingOptionDescriptions } from "../options.ts"
import { printedSchema, schemaFile } from "../printSchema.ts"
import { schema } from "./index.ts"

describe("the schema", () => {
  it("is as printed; after a change run `node apps/server/src/printSchema.ts`, then `npm run format`", () => {
    const written = buildSchema(readFileSync(schemaFile, "utf8"))
    assert.equal(`${printSchema(lexicographicSortSchema(written))}\n`, printedSchema)
  })

  it("has every option of training and generation as an input with a description", () => {
    for (const [name, shape, descriptions] of [
      ["TrainingOptionsInput", trainingRunOptions.shape, trainingOptionDescriptions],
      ["GenerationOptionsInput", generationRunOptions.shape, generationOptionDescriptions],
    ] as const) {
      const type = schema.getType(name)
      assert.ok(isInputObjectType(type))
      assert.deepEqual(Object.keys(type.getFields()).sort(), Object.keys(shape).sort())
      for (const field of Object.values(type.getFields())) assert.ok((field.description ?? "").length > 10, field.name)
      for (const { group, name: option } of descriptions) assert.notEqual(group, "", option)
    }
  })

  it("says in every mutation's result what may go wrong", () => {
    for (const { name, type } of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const members = String(type).replace("!", "")
      const union = schema.getType(members)
      assert.ok(union !== undefined && "getTypes" in union, name)
      const names = union.getTypes().map((member) => member.name)
      for (const error of ["InputError", "NotFoundError", "ForbiddenError", "ConflictError"])
        assert.ok(names.includes(error), name)
    }
  })

  it("never shows a password, a token's hash or a sealed secret", () => {
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith("__")) continue
      for (const field of Object.keys(type.getFields()))
        assert.doesNotMatch(field, /password|tokenHash|sealed/i, type.name)
    }
  })
})
