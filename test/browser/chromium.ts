/**
 * Chromium for the browser tests, without a system package manager: @sparticuz/chromium's packed binary and libraries,
 * unpacked once into a cache of this repository. Elsewhere than Linux x64 the system's Chrome is used.
 */

import { spawnSync } from "node:child_process"
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs"
import { chmod, readFile, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { pipeline } from "node:stream/promises"
import { fileURLToPath } from "node:url"
import { createBrotliDecompress } from "node:zlib"
import { type Browser, chromium } from "playwright-core"

const root = join(import.meta.dirname, "../..")

/** @throws Error saying why no browser can start here. */
export async function launchChromium(): Promise<Browser> {
  if (process.platform !== "linux" || process.arch !== "x64") return await chromium.launch({ channel: "chrome" })
  const folder = await unpack()
  return await chromium.launch({
    executablePath: join(folder, "chromium"),
    args: [
      "--no-sandbox",
      "--no-zygote",
      "--disable-dev-shm-usage",
      "--disable-gpu",
      "--headless=new",
      "--font-render-hinting=none",
    ],
    // React's number and date components refuse the locale of a bare POSIX environment.
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, "lib"),
      LANG: "en_US.UTF-8",
      FONTCONFIG_PATH: join(folder, "fonts"),
    },
  })
}

/** The folder of the unpacked browser; one folder per version, made whole before it gets its name. */
async function unpack(): Promise<string> {
  const packageFile = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "../package.json")
  const { version }: { version: string } = JSON.parse(await readFile(packageFile, "utf8"))
  const folder = join(root, ".fjord/chromium", version)
  if (existsSync(join(folder, "chromium"))) return folder
  const packed = join(dirname(packageFile), "bin")
  const growing = `${folder}.${process.pid}`
  mkdirSync(growing, { recursive: true })
  const inflate = (name: string, to: string) =>
    pipeline(createReadStream(join(packed, name)), createBrotliDecompress(), createWriteStream(to))
  await inflate("chromium.br", join(growing, "chromium"))
  await chmod(join(growing, "chromium"), 0o755)
  for (const archive of ["al2023", "fonts", "swiftshader"]) {
    const tar = join(growing, `${archive}.tar`)
    await inflate(`${archive}.tar.br`, tar)
    const { status, stderr } = spawnSync("tar", ["xf", tar, "-C", growing], { encoding: "utf8" })
    if (status !== 0) throw new Error(`Unpacking ${archive}.tar.br of @sparticuz/chromium failed: ${stderr}`)
    rmSync(tar)
  }
  try {
    renameSync(growing, folder)
  } catch (error) {
    // Another test was quicker.
    rmSync(growing, { recursive: true, force: true })
    if (!(await stat(join(folder, "chromium")).catch(() => undefined))) throw error
  }
  return folder
}
