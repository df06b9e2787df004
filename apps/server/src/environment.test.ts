import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import { fileStoreOptions, readEnvironment } from "./environment.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")
const needed = { DATABASE_URL: "postgresql://x" }

describe("the environment", () => {
  it("is listed in docs/environment.md, every variable of server, worker and launcher", () => {
    const listed = new Set(
      [...read("../../../docs/environment.md").matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, name]) => name),
    )
    const sources = [read("./environment.ts"), read("../../worker/src/environment.ts")]
    const launcher = read("../../../scripts/studio/settings.ts")
    const used = new Set([
      ...sources.flatMap((source) => [...source.matchAll(/^ {2}([A-Z0-9_]+): /gm)].map(([, name]) => name)),
      ...[...launcher.matchAll(/\b(?:text|whole)\("([A-Z0-9_]+)"/g)].map(([, name]) => name),
    ])
    assert.deepEqual([...listed].sort(), [...used].sort())
  })

  it("names every variable that is wrong, but shows no secret", () => {
    const wrong = { ...needed, PORT: "many", FJORD_SECRET: "short", FJORD_URL: "nowhere" }
    assert.throws(
      () => readEnvironment(wrong),
      ({ message }: Error) =>
        /PORT is "many"/.test(message) &&
        /FJORD_URL/.test(message) &&
        /FJORD_SECRET/.test(message) &&
        !/short/.test(message),
    )
    assert.throws(() => readEnvironment({}), /DATABASE_URL/)
  })

  it("takes an empty variable for none", () => {
    assert.equal(readEnvironment({ ...needed, PORT: "" }).PORT, 4100)
  })

  it("wants all of S3's settings or none", () => {
    const partly = readEnvironment({ ...needed, S3_ENDPOINT: "http://localhost:9000" })
    assert.throws(() => fileStoreOptions(partly), /S3_BUCKET/)
    assert.equal(fileStoreOptions(readEnvironment(needed)).s3, undefined)
  })
})
