/**
 * The run page under load, in the Chromium of the browser tests: `node bench/dashboard.ts [--minutes 1]`. A real server
 * with a run of 100,000 steps and 500 samples that goes on while it is watched. Frames, first paint and processor time
 * are given beside those of an empty page in the same browser; what holds or misses is for the reader to say.
 * The script of a first load is all that the browser has fetched when the page is drawn and the network has gone still.
 */

import { readFileSync } from "node:fs"
import { cpus, loadavg } from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import { parseArgs } from "node:util"
import type { Browser, CDPSession, Page } from "playwright-core"
import { buildDashboard } from "../scripts/studio/dashboard.ts"
import { launchChromium } from "../test/browser/chromium.ts"
import { firstLoad } from "../test/browser/firstLoad.ts"
import { person } from "../test/browser/furnish.ts"
import { startStudio } from "../test/browser/studio.ts"
import { type LongRun, seedLongRun } from "./longRun.ts"

const { values } = parseArgs({ options: { minutes: { type: "string", default: "1" } } })
const minutes = Number(values.minutes)
/** A busy machine takes long to open a page; how long is not what is measured. */
const patienceMs = 180_000
/** What one look at the frames takes. */
const lookSeconds = 10
const viewport = { width: 1440, height: 900 }
const empty = "data:text/html,<!doctype html><title>empty</title><p>Nothing."

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
const residentMiB = (pid: number | undefined) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024

/** Watches frames and long tasks in the page for a while. */
async function look(page: Page, cdp: CDPSession, run: LongRun | undefined) {
  const figures = async () => {
    const { metrics } = await cdp.send("Performance.getMetrics")
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
  }
  const [before, updates] = [await figures(), run?.written ?? 0]
  const seen = await page.evaluate(async (seconds) => {
    const longTasks: number[] = []
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) longTasks.push(entry.duration)
    })
    observer.observe({ entryTypes: ["longtask"] })
    const frames: number[] = []
    await new Promise<void>((resolve) => {
      const end = performance.now() + seconds * 1000
      const frame = (at: number) => {
        frames.push(at)
        if (performance.now() < end) requestAnimationFrame(frame)
        else resolve()
      }
      requestAnimationFrame(frame)
    })
    observer.disconnect()
    const gaps = frames.slice(1).map((at, i) => at - (frames[i] ?? at))
    const took = ((frames.at(-1) ?? 0) - (frames[0] ?? 0)) / 1000
    return {
      perSecond: gaps.length / took,
      longest: Math.max(...gaps),
      longTasks: longTasks.length,
      longTaskMs: longTasks.reduce((sum, ms) => sum + ms, 0),
    }
  }, lookSeconds)
  const after = await figures()
  const spent = (name: string) => 1000 * ((after[name] ?? 0) - (before[name] ?? 0))
  const batches = Math.max(1, (run?.written ?? 0) - updates)
  return { ...seen, batches, scriptMs: spent("ScriptDuration"), taskMs: spent("TaskDuration") }
}

const total = (scripts: readonly { bytes: number }[]) =>
  `${(scripts.reduce((sum, { bytes }) => sum + bytes, 0) / 1000).toFixed(1)} kB (gzip) in ${scripts.length} files`

const signedIn = async (browser: Browser, url: string) => {
  const context = await browser.newContext({ locale: "en-US" })
  const answer = await context.request.post(`${url}/api/auth/sign-up/email`, { data: person, headers: { origin: url } })
  if (!answer.ok()) throw new Error(`Sign-up was refused: ${await answer.text()}`)
  const state = await context.storageState()
  await context.close()
  return state
}

if (!(await buildDashboard(console.log, new AbortController().signal))) process.exit(1)
const studio = await startStudio({ worker: false })
const browser = await launchChromium()
let run: LongRun | undefined
try {
  const storageState = await signedIn(browser, studio.url)
  run = await seedLongRun(studio.database, studio.filesFolder)
  const address = `${studio.url}/runs/${run.runId}`
  const drawn = (page: Page) => page.locator("canvas").first().waitFor()
  const load = loadavg()[0]?.toFixed(1)
  console.log(`${cpus()[0]?.model}, ${cpus().length} processors, load ${load}, Chromium ${browser.version()}\n`)

  const visit = async (url: string, ready: (page: Page) => Promise<unknown>) => {
    const context = await browser.newContext({ locale: "en-US", viewport, storageState })
    const load = await firstLoad(context, url, ready, patienceMs)
    await context.close()
    return load
  }
  const visits = []
  for (let i = 0; i < 3; i++) visits.push(await visit(address, drawn))
  const plain = []
  for (let i = 0; i < 3; i++) plain.push(await visit(`${studio.url}/healthz`, async () => {}))
  const { scripts = [] } = visits[0] ?? {}
  console.log(`script of the first load: ${total(scripts)}, limit 250 kB`)
  for (const { name, bytes: size } of scripts) console.log(`  ${(size / 1000).toFixed(1).padStart(6)} kB ${name}`)
  const paints = [median(visits.map(({ paint }) => paint)), median(plain.map(({ paint }) => paint))] as const
  const { id: teamId } = await studio.database.team.findFirstOrThrow()
  const { id: datasetId } = await studio.database.dataset.create({ data: { teamId, name: "Nothing yet" } })
  for (const path of ["", "datasets", `datasets/${datasetId}`, "runs/new", "generate", "models"]) {
    const other = await visit(`${studio.url}/${path}`, (page) => page.locator("h1").first().waitFor())
    console.log(`  beside it /${path}: ${total(other.scripts)}`)
  }
  console.log(
    `first contentful paint: ${paints.map((ms) => ms.toFixed(0)).join(" ms; a plain text of the same server ")} ms\n`,
  )

  const context = await browser.newContext({ locale: "en-US", viewport, storageState })
  const page = await context.newPage()
  page.setDefaultTimeout(patienceMs)
  const cdp = await context.newCDPSession(page)
  // In time of the thread, not by the clock: what else the machine does is not the page's.
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" })
  console.log(
    "| page | frames/s | of the empty page's | longest ms | long tasks | their ms | main thread’s own ms/s | script’s own ms per update |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
  )
  let ground = Number.NaN
  const report = async (name: string, live: LongRun | undefined) => {
    const seen = await look(page, cdp, live)
    if (Number.isNaN(ground)) ground = seen.perSecond
    const perUpdate = live === undefined ? "–" : (seen.scriptMs / seen.batches).toFixed(1)
    console.log(
      `| ${[name, seen.perSecond.toFixed(1), (seen.perSecond / ground).toFixed(2), seen.longest.toFixed(0), seen.longTasks, seen.longTaskMs.toFixed(0), (seen.taskMs / lookSeconds).toFixed(0), perUpdate].join(" | ")} |`,
    )
  }
  await page.goto(empty)
  await report("empty", undefined)
  await page.goto(address, { waitUntil: "load" })
  await drawn(page)
  await sleep(5000)
  await report("100,000 points, 500 samples, still", undefined)
  run.goOn()
  await sleep(2000)
  await report("the same, 40 steps/s live", run)
  // The samples' table scrolls by itself while the run is live.
  await page.evaluate(() => {
    const area = document.querySelector("table")?.parentElement
    setInterval(
      () => area?.scrollBy(0, area.scrollTop + area.clientHeight >= area.scrollHeight - 2 ? -area.scrollHeight : 12),
      16,
    )
  })
  await report("the same, samples scrolling", run)
  await page.goto(`${studio.url}/runs/compare?run=${run.runId}&run=${run.endedId}`, { waitUntil: "load" })
  await drawn(page)
  await sleep(5000)
  await report("compared with another one, live", run)
  run.pause()
  await page.goto(empty)
  await report("empty again", undefined)

  await page.goto(address, { waitUntil: "load" })
  await drawn(page)
  run.goOn()
  console.log(
    `\n| minute | heap MB | DOM nodes | listeners | steps so far | server MiB |\n| ---: | ---: | ---: | ---: | ---: | ---: |`,
  )
  const begun = performance.now()
  const from = run.step
  for (let i = 0; i <= 10; i++) {
    while (performance.now() - begun < (i * minutes * 60_000) / 10) await sleep(200)
    await cdp.send("HeapProfiler.collectGarbage")
    const { metrics } = await cdp.send("Performance.getMetrics")
    const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN
    const row = [
      ((i * minutes) / 10).toFixed(1),
      (of("JSHeapUsedSize") / 1e6).toFixed(1),
      of("Nodes"),
      of("JSEventListeners"),
      run.step - from,
      residentMiB(studio.serverPid).toFixed(0),
    ]
    console.log(`| ${row.join(" | ")} |`)
  }
} finally {
  await run?.end()
  await browser.close()
  await studio.stop()
}
process.exit(0)
