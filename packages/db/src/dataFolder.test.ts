import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { makeDataFolder } from "./dataFolder.ts"
import { Refusal } from "./refusal.ts"

const folder = mkdtempSync(join(tmpdir(), "fjord-data-folder-"))
after(() => rmSync(folder, { recursive: true }))

const refused = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Refusal)
  assert.match(error.message, message)
  assert.match(error.message, /cannot be made or written to, .*; set FJORD_DATA to one that can\.$/)
  return true
}

test("a data folder is made with the folders above it, and nothing is left in it", () => {
  const data = join(folder, "a", "b")
  makeDataFolder(data)
  makeDataFolder(data)
  assert.deepEqual(readdirSync(data), [])
})

test("a file in the place of the data folder, or of one above it, is refused by name", () => {
  const file = join(folder, "file")
  writeFileSync(file, "kept")
  assert.throws(() => makeDataFolder(file), refused(/file cannot .* is a file/))
  assert.throws(() => makeDataFolder(join(file, "data", "x")), refused(/file.data.x cannot .* is a file/))
})

test("a folder in which this account may not write is refused", {
  skip: process.getuid === undefined ? "accounts are told apart otherwise here" : false,
}, () => {
  const closed = join(folder, "closed")
  mkdirSync(closed, { mode: 0o555 })
  // Root may write anywhere; the account of Postgres may not.
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.(65534)
  try {
    assert.throws(() => makeDataFolder(closed), refused(/closed cannot .* this account may not/))
    assert.throws(() => makeDataFolder(join(closed, "data")), refused(/data cannot .* this account may not/))
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
})

test("a place where nobody can make a folder is refused at once", {
  skip: existsSync("/proc/self") ? false : "there is no such place here",
}, () => {
  assert.throws(() => makeDataFolder("/proc/fjord/data"), refused(/.proc.fjord.data cannot .* keeps no folders there/))
})

const module = join(import.meta.dirname, "dataFolder.ts")
const script = `import(${JSON.stringify(module)}).then((m) => m.makeDataFolder("disk/data")).catch((e) => console.log(e.message))`
/** In a namespace of its own, for which nobody needs rights. */
const onDisk = (options: string, ...command: string[]) => {
  const mounted = `mount -t tmpfs -o ${options} tmpfs disk && head -c 64k /dev/zero > disk/full; "$@"`
  return spawnSync("unshare", ["--map-root-user", "--mount", "sh", "-c", mounted, "sh", ...command], {
    cwd: folder,
    encoding: "utf8",
  })
}
mkdirSync(join(folder, "disk"))
const mounts = onDisk("size=4k", "findmnt", "disk").status === 0

test("a disk that is full, and one that is read-only, are refused as such", {
  skip: mounts ? false : "a small disk cannot be mounted here",
}, () => {
  for (const [options, reason] of [
    ["size=16k,nr_inodes=8", /its disk is full/],
    ["ro", /its disk is read-only/],
  ] as const) {
    const { stdout } = onDisk(options, process.execPath, "-e", script)
    assert.match(stdout, reason)
  }
})
