/** A thread that helps with updates, see threads.ts. */
import { parentPort } from "node:worker_threads"
import { type SharedUpdate, takeChunks } from "./threads.ts"

parentPort?.on("message", (task: SharedUpdate) => takeChunks(task))
