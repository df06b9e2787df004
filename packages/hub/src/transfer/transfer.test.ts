import assert from "node:assert/strict"
import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { type StandIn, startStandIn } from "../../../../test/hub/standIn.ts"
import type { TransferKind } from "../../../../test/hub/world.ts"
import { createRepository, whoAmI } from "../account.ts"
import type { HubConnection } from "../connection.ts"
import { assertFiles, connectTo, sampleFiles, scratchFolder, writeFiles } from "../hub.fixture.ts"
import { pullFiles } from "./pullFiles.ts"
import { pushFolder } from "./push.ts"
import { readRepository } from "./remoteFiles.ts"
import type { TransferEvent } from "./transferEvent.ts"

const scratch = scratchFolder()
const files = sampleFiles()

async function pullAll(connection: HubConnection, id: string) {
  const remote = await readRepository(connection, { type: "model", id })
  return pullFiles(connection, remote, Object.keys(files), "main")
}

for (const transfer of ["basic", "multipart", "xet"] satisfies TransferKind[]) {
  describe(`with uploads by ${transfer}`, () => {
    let standIn: StandIn
    before(async () => {
      standIn = await startStandIn({ transfer, partBytes: 100_000, pageSize: 3 })
    })
    after(() => standIn.close())

    test("a folder goes to the Hub and comes back with the same bytes", async () => {
      const connection = connectTo(standIn, mkdtempSync(join(scratch, "cache-")))
      assert.equal((await whoAmI(connection)).name, "anna")
      const repository = { type: "model", id: "anna/robot" } as const
      assert.equal((await createRepository(connection, repository)).created, true)
      assert.equal((await createRepository(connection, repository)).created, false)
      const folder = mkdtempSync(join(scratch, "model-"))
      writeFiles(folder, files)
      const events: TransferEvent[] = []
      const options = {
        repository,
        title: "First",
        xet: transfer === "xet",
        onEvent: (event: TransferEvent) => events.push(event),
      }
      const pushed = await pushFolder(connection, folder, options)
      assert.equal(pushed.changed, true)
      const total = Object.values(files).reduce((sum, content) => sum + content.length, 0)
      const last = events.findLast((event) => event.type === "BytesTransferred")
      assert.equal(last?.type === "BytesTransferred" && last.bytes, total)

      assertFiles(await pullAll(connection, repository.id), files)
      // Once more: everything is there on both sides.
      assert.equal((await pushFolder(connection, folder, options)).changed, false)
      const seen = standIn.seen.length
      assertFiles(await pullAll(connection, repository.id), files)
      assert.ok(standIn.seen.slice(seen).every(({ path }) => !path.includes("/resolve/")))
    })

    test("the storage server never sees the token", () => {
      const toStorage = standIn.seen.filter(({ server, path }) => server === "storage" && !/^\/v[12]\//.test(path))
      assert.ok(toStorage.length > 0 || transfer === "xet")
      assert.ok(toStorage.every(({ authorised }) => !authorised))
    })
  })
}
