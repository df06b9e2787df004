/** A cache that many people share gives nobody what the Hub would not. */

import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { type StandIn, startStandIn } from "../../../../test/hub/standIn.ts"
import { type HubConnection, hubConnection } from "../connection.ts"
import { patience, scratchFolder } from "../hub.fixture.ts"
import { pullModel } from "../model/pullModel.ts"
import { everybody } from "./cacheReaders.ts"
import { pushFiles } from "./push.ts"

const scratch = scratchFolder()
let standIn: StandIn
before(async () => {
  standIn = await startStandIn()
})
after(() => standIn.close())

/** Three people before one cache, and the same without the Hub. */
function readersOf(cacheFolder: string) {
  const of = (cacheReader: string, token: string | null) =>
    hubConnection({ endpoint: standIn.endpoint, cacheFolder, cacheReader, token, retry: patience })
  return {
    anna: of("account anna", standIn.token),
    bert: of("account bert", standIn.strangerToken),
    nobody: of(everybody, null),
  }
}
const offline = (connection: HubConnection): HubConnection => ({
  ...connection,
  endpoint: "http://127.0.0.1:9",
  retry: { ...connection.retry, attempts: 1 },
})

async function publish(id: string, { isPrivate = false } = {}): Promise<void> {
  standIn.add("model", id, { isPrivate })
  const connection = hubConnection({ endpoint: standIn.endpoint, cacheFolder: scratch, token: standIn.token })
  const content = randomBytes(5000)
  const repository = { type: "model", id } as const
  await pushFiles(connection, [{ path: "lora.safetensors", content }], { repository, title: "LoRA" })
}

test("a private model serves its reader without the Hub, and nobody else with or without it", async () => {
  const { anna, bert, nobody } = readersOf(mkdtempSync(join(scratch, "cache-")))
  await publish("anna/secret", { isPrivate: true })
  const { commit } = await pullModel(anna, "anna/secret")
  for (const stranger of [bert, nobody])
    for (const revision of ["main", commit]) {
      await assert.rejects(pullModel(stranger, "anna/secret", { revision }), { code: "notFound" })
      await assert.rejects(pullModel(offline(stranger), "anna/secret", { revision }), {
        code: "forbidden",
        message: /cannot be reached to ask whether anna\/secret may be read with this account; try again/,
      })
    }
  assert.equal((await pullModel(offline(anna), "anna/secret")).commit, commit)
})

test("a gated model, whose listing everybody sees, is not taken from the cache by who has not accepted", async () => {
  const { anna, bert, nobody } = readersOf(mkdtempSync(join(scratch, "cache-")))
  await publish("anna/gated")
  const repository = standIn.repository("model", "anna/gated")
  assert.ok(repository)
  repository.gated = true
  repository.accepted.add("anna")
  await pullModel(anna, "anna/gated")
  for (const stranger of [bert, nobody]) {
    await assert.rejects(pullModel(stranger, "anna/gated"), { code: "gated" })
    await assert.rejects(pullModel(offline(stranger), "anna/gated"), { code: "forbidden" })
  }
  repository.accepted.add("bert")
  await pullModel(bert, "anna/gated")
  assert.equal((await pullModel(offline(bert), "anna/gated")).offline, true)
  // What the Hub takes back is taken back here as soon as it can be asked.
  repository.accepted.delete("bert")
  await assert.rejects(pullModel(bert, "anna/gated"), { code: "gated" })
})

test("what is public serves everybody without the Hub, once anybody without an account has fetched it", async () => {
  const { anna, bert, nobody } = readersOf(mkdtempSync(join(scratch, "cache-")))
  await publish("anna/public")
  await pullModel(anna, "anna/public")
  await assert.rejects(pullModel(offline(bert), "anna/public"), { code: "forbidden" })
  const seen = standIn.seen.length
  await pullModel(nobody, "anna/public")
  const fetched = standIn.seen.slice(seen).filter(({ server }) => server === "storage")
  assert.ok(fetched.length <= 1, "the bytes in the cache are used, not fetched again")
  for (const reader of [anna, bert, nobody])
    assert.equal((await pullModel(offline(reader), "anna/public")).offline, true)
})
