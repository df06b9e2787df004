/** The stand-in is honest: the unmodified official clients of JavaScript and Python pass their transfers through it. */

import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { commit, createRepo, downloadFile, HubApiError, listFiles, pathsInfo } from "@huggingface/hub"
import { startStandIn } from "../../../../test/hub/standIn.ts"
import type { TransferKind } from "../../../../test/hub/world.ts"
import { pythonHas, runPython, scratchFolder } from "../hub.fixture.ts"

const scratch = scratchFolder()

/** Repeats inside, so that chunks are compressed and shared between files. */
const weights = Buffer.concat([randomBytes(300_000), Buffer.alloc(400_000, "abcd"), randomBytes(300_000)])
const changed = Buffer.concat([weights.subarray(0, 600_000), randomBytes(50_000), weights.subarray(600_000)])

async function readBlob(blob: Blob | null): Promise<Buffer> {
  assert.ok(blob)
  return Buffer.from(await blob.arrayBuffer())
}

for (const transfer of ["basic", "multipart", "xet"] satisfies TransferKind[]) {
  test(`@huggingface/hub pushes and reads back the same bytes by ${transfer}`, async () => {
    const standIn = await startStandIn({ transfer, partBytes: 128_000, pageSize: 2 })
    try {
      const repo = { type: "model", name: "anna/official" } as const
      const access = { repo, accessToken: standIn.token, hubUrl: standIn.endpoint }
      await createRepo(access)
      await assert.rejects(createRepo(access), (error) => error instanceof HubApiError && error.statusCode === 409)
      const add = (path: string, content: Uint8Array) => ({
        operation: "addOrUpdate" as const,
        path,
        content: new Blob([Buffer.from(content)]),
      })
      const operations = [
        add("a.safetensors", weights),
        add("b/c.safetensors", changed),
        add("b/note.txt", Buffer.from("ä")),
      ]
      const first = await commit({ ...access, title: "First", operations })
      for (const xet of [false, true]) {
        const read = async (path: string) => readBlob(await downloadFile({ ...access, path, xet }))
        assert.deepEqual(await read("a.safetensors"), weights)
        assert.deepEqual(await read("b/c.safetensors"), changed)
        assert.deepEqual(await read("b/note.txt"), Buffer.from("ä"))
      }
      const slice = (await downloadFile({ ...access, path: "a.safetensors" }))?.slice(290_000, 310_000) ?? null
      assert.deepEqual(await readBlob(slice), weights.subarray(290_000, 310_000))
      const listed = await Array.fromAsync(listFiles({ ...access, recursive: true }))
      assert.deepEqual(
        listed.filter(({ type }) => type === "file").map(({ path }) => path),
        [".gitattributes", "a.safetensors", "b/c.safetensors", "b/note.txt"],
      )
      assert.equal((await pathsInfo({ ...access, paths: ["b/c.safetensors"] }))[0]?.size, changed.length)
      assert.equal(await downloadFile({ ...access, path: "nothing.txt" }), null)
      const stale = first?.commit.oid ?? ""
      await commit({ ...access, title: "Second", operations: [{ operation: "delete", path: "b/note.txt" }] })
      await assert.rejects(
        commit({ ...access, title: "Third", parentCommit: stale, operations: [add("d.txt", Buffer.from("d"))] }),
        (error) => error instanceof HubApiError && error.statusCode === 412,
      )
    } finally {
      await standIn.close()
    }
  })
}

const roundTrip = `
import os, sys
from pathlib import Path
from huggingface_hub import HfApi, snapshot_download
api = HfApi()
assert api.whoami()["name"] == "anna"
source, target = Path(sys.argv[1]), Path(sys.argv[2])
(source / "unet").mkdir(parents=True)
weights = os.urandom(300_000) + b"abcd" * 100_000 + os.urandom(300_000)
(source / "unet" / "model.safetensors").write_bytes(weights)
(source / "README.md").write_text("---\\nlicense: apache-2.0\\n---\\n# ä\\n")
for _ in range(2):
    api.create_repo("anna/from-python", exist_ok=True)
api.upload_folder(repo_id="anna/from-python", folder_path=source)
api.upload_folder(repo_id="anna/from-python", folder_path=source)
names = [entry.path for entry in api.list_repo_tree("anna/from-python", recursive=True)]
assert "unet/model.safetensors" in names, names
folder = Path(snapshot_download("anna/from-python", cache_dir=target))
assert (folder / "unet" / "model.safetensors").read_bytes() == weights
assert (folder / "README.md").read_bytes() == (source / "README.md").read_bytes()
api.delete_folder("unet", repo_id="anna/from-python")
assert not api.file_exists("anna/from-python", "unet/model.safetensors")
print("ok")
`

const hasHub = pythonHas("huggingface_hub")
const hasXet = hasHub && pythonHas("hf_xet")

describe("Python's huggingface_hub", {
  skip: hasHub ? false : "python3 has no huggingface_hub on this machine",
}, () => {
  for (const transfer of ["basic", "multipart", "xet"] satisfies TransferKind[]) {
    const skip = transfer === "xet" && !hasXet ? "python3 has no hf_xet on this machine" : false
    test(`pushes and reads back the same bytes by ${transfer}`, { skip }, async () => {
      const standIn = await startStandIn({ transfer, partBytes: 128_000, pageSize: 2 })
      try {
        const home = mkdtempSync(join(scratch, "home-"))
        const options = [join(home, "source"), join(home, "target")]
        const environment = { HF_HUB_DISABLE_XET: transfer === "xet" ? "0" : "1" }
        assert.match(await runPython(standIn, roundTrip, options, home, process.env, environment), /ok/)
      } finally {
        await standIn.close()
      }
    })
  }
})
