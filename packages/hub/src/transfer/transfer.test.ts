import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { type StandIn, startStandIn } from "../../../../test/hub/standIn.ts"
import type { TransferKind } from "../../../../test/hub/world.ts"
import { createRepository, whoAmI } from "../account.ts"
import { type HubConnection, hubConnection } from "../connection.ts"
import { HubError } from "../hubError.ts"
import { pullFiles } from "./pullFiles.ts"
import { pushFolder } from "./push.ts"
import { readRepository } from "./remoteFiles.ts"
import type { TransferEvent } from "./transferEvent.ts"

const scratch = mkdtempSync(join(tmpdir(), "fjord-hub-test-"))
after(() => rmSync(scratch, { recursive: true, force: true }))

const patience = { attempts: 4, firstWaitMilliseconds: 1, stallMilliseconds: 5000 }
const files: Readonly<Record<string, Buffer>> = {
  "README.md": Buffer.from("# A model\n\nWith ä and 字.\n"),
  "model_index.json": Buffer.from("{}\n"),
  "unet/config.json": Buffer.from('{"sample_size": 8}\n'),
  "unet/model.safetensors": randomBytes(700_001),
  "vae/model.safetensors": randomBytes(150_000),
  "empty.txt": Buffer.alloc(0),
  "a name with spaces & signs #1.txt": Buffer.from("x"),
}

function newConnection(standIn: StandIn, token: string | undefined = standIn.token): HubConnection {
  const cacheFolder = mkdtempSync(join(scratch, "cache-"))
  return hubConnection({ endpoint: standIn.endpoint, cacheFolder, retry: patience, ...(token && { token }) })
}

function writeFolder(): string {
  const folder = mkdtempSync(join(scratch, "model-"))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

function assertSameFiles(folder: string): void {
  for (const [path, content] of Object.entries(files)) assert.deepEqual(readFileSync(join(folder, path)), content, path)
}

async function pullAll(connection: HubConnection, id: string, onEvent?: (event: TransferEvent) => void) {
  const remote = await readRepository(connection, { type: "model", id })
  return pullFiles(connection, remote, Object.keys(files), "main", { onEvent })
}

for (const transfer of ["basic", "multipart", "xet"] satisfies TransferKind[]) {
  describe(`with uploads by ${transfer}`, () => {
    let standIn: StandIn
    before(async () => {
      standIn = await startStandIn({ transfer, partBytes: 100_000, pageSize: 3 })
    })
    after(() => standIn.close())

    test("a folder goes to the Hub and comes back with the same bytes", async () => {
      const connection = newConnection(standIn)
      assert.equal((await whoAmI(connection)).name, "anna")
      const repository = { type: "model", id: "anna/robot" } as const
      assert.equal((await createRepository(connection, repository)).created, true)
      assert.equal((await createRepository(connection, repository)).created, false)
      const folder = writeFolder()
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

      assertSameFiles(await pullAll(connection, repository.id))
      // Once more: everything is there on both sides.
      assert.equal((await pushFolder(connection, folder, options)).changed, false)
      const seen = standIn.seen.length
      assertSameFiles(await pullAll(connection, repository.id))
      assert.ok(standIn.seen.slice(seen).every(({ path }) => !path.includes("/resolve/")))
    })

    test("the storage server never sees the token", () => {
      const toStorage = standIn.seen.filter(({ server, path }) => server === "storage" && !/^\/v[12]\//.test(path))
      assert.ok(toStorage.length > 0 || transfer === "xet")
      assert.ok(toStorage.every(({ authorised }) => !authorised))
    })
  })
}
