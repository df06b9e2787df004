/** Run as a process of its own: pushes or pulls one file, prints the seconds and by how many bytes its memory rose at most. */

import { hubConnection } from "../connection.ts"
import { pullFiles } from "./pullFiles.ts"
import { pushFiles } from "./push.ts"
import { readRepository } from "./remoteFiles.ts"

const [work = "", endpoint = "", token = "", cacheFolder = "", file = ""] = process.argv.slice(2)
const connection = hubConnection({ endpoint, token, cacheFolder })
const repository = { type: "model", id: "anna/large" } as const
const path = "model.safetensors"

// The client's own code is in memory before the transfer.
const remote = await readRepository(connection, repository)
const began = performance.now()
const start = process.memoryUsage.rss()
let peak = start
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, 5)
if (work === "pull") await pullFiles(connection, remote, [path], "main")
else await pushFiles(connection, [{ path, file }], { repository, title: "Large", xet: work === "push by xet" })
clearInterval(watch)
console.log(JSON.stringify({ bytes: peak - start, seconds: (performance.now() - began) / 1000 }))
