/** What the tests of this package share: a folder of files, a connection to the stand-in, checks of a cache. */

import assert from "node:assert/strict"
import { execFile, execFileSync } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { after } from "node:test"
import { promisify } from "node:util"
import type { StandIn } from "../../../test/hub/standIn.ts"
import { type HubConnection, hubConnection } from "./connection.ts"

/** A folder that is gone after the tests. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fjord-hub-"))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export type Files = Readonly<Record<string, Buffer>>

/** Small and large, nested and oddly named. */
export function sampleFiles(): Files {
  return {
    "README.md": Buffer.from("# A model\n\nWith ä and 字.\n"),
    "model_index.json": Buffer.from("{}\n"),
    "unet/model.safetensors": randomBytes(300_001),
    "vae/model.safetensors": randomBytes(50_000),
    "empty.txt": Buffer.alloc(0),
    "a name with spaces & signs #1.txt": Buffer.from("x"),
  }
}

export function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

export function assertFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) assert.deepEqual(readFileSync(join(folder, path)), content, path)
}

/** Patient enough for any number of single faults, and quick. */
export const patience = { attempts: 4, firstWaitMilliseconds: 1, stallMilliseconds: 5000 }

/** @param token null for nobody */
export function connectTo(standIn: StandIn, cacheFolder: string, token: string | null = standIn.token): HubConnection {
  return hubConnection({ endpoint: standIn.endpoint, cacheFolder, retry: patience, token })
}

/** Every file that has a blob's name holds exactly what the name promises. */
export function assertCacheIsHonest(cacheFolder: string): void {
  if (!existsSync(cacheFolder)) return
  for (const repository of readdirSync(cacheFolder)) {
    const blobs = join(cacheFolder, repository, "blobs")
    for (const name of existsSync(blobs) ? readdirSync(blobs) : []) {
      if (name.endsWith(".incomplete")) continue
      const content = readFileSync(join(blobs, name))
      const hash =
        name.length === 64
          ? createHash("sha256").update(content).digest("hex")
          : createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex")
      assert.equal(hash, name)
    }
  }
}

const mountSmall = (folder: string, size = "64k") =>
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder], { stdio: "ignore" })

/** Whether this process may mount a disk; it tries in an empty folder. */
export function mayMount(folder: string): boolean {
  try {
    mountSmall(folder)
    execFileSync("umount", [folder], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

/** Makes a folder an empty disk, of 64 kB if not said otherwise, while the work is done. */
export async function onSmallDisk(
  folder: string,
  work: (folder: string) => Promise<void>,
  size?: string,
): Promise<void> {
  mountSmall(folder, size)
  try {
    await work(folder)
  } finally {
    execFileSync("umount", [folder])
  }
}

/** Whether python3 can import these modules. */
export function pythonHas(...modules: string[]): boolean {
  try {
    execFileSync("python3", ["-c", `import ${modules.join(", ")}`], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

/** Runs a program whose Hub is the stand-in. @returns what it printed */
export async function runPython(
  standIn: StandIn,
  program: string,
  options: readonly string[],
  home: string,
  { PATH = "" }: NodeJS.ProcessEnv,
  environment: Readonly<Record<string, string>> = { HF_HUB_DISABLE_XET: "1" },
): Promise<string> {
  const { stdout } = await promisify(execFile)("python3", ["-c", program, ...options], {
    env: {
      PATH,
      HF_ENDPOINT: standIn.endpoint,
      HF_TOKEN: standIn.token,
      HF_HOME: home,
      ...environment,
    },
  })
  return stdout
}
