#!/usr/bin/env node
/**
 * Speaks the protocol of Prisma's native schema engine (JSON-RPC by lines on standard input and output), so that
 * Prisma's command line works without downloading that engine; prisma.config.ts names this file as the engine.
 */

import { readFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { connectOnce, createDatabase, openEngine, panicMessage } from "./engine.mjs"

const args = process.argv.slice(2)
const datamodels = []
let datasource = {}
let command
for (let i = 0; i < args.length; i++) {
  if (args[i] === "--datamodels") datamodels.push([args[++i], readFileSync(args[i], "utf8")])
  else if (args[i] === "--datasource") datasource = JSON.parse(args[++i])
  else if (args[i] === "cli") command = args[++i]
}

const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`)
const log = (level, fields) =>
  process.stderr.write(`${JSON.stringify({ level, target: "schema_engine::logger", fields })}\n`)

/** Prisma's codes of the connection errors that its command line asks for. */
const errorCodes = {
  DatabaseNotReachable: "P1001",
  SocketTimeout: "P1002",
  DatabaseDoesNotExist: "P1003",
  DatabaseAccessDenied: "P1010",
  AuthenticationFailed: "P1000",
  DatabaseAlreadyExists: "P1009",
}

async function runCommand() {
  // The first line of standard error is not parsed.
  process.stderr.write("\n")
  try {
    if (command === "create-database") await createDatabase(datasource.url)
    else await connectOnce(datasource.url)
  } catch (error) {
    const code = errorCodes[error?.cause?.kind] ?? "P1017"
    log("ERROR", { message: error.message, error_code: code })
    process.exit(1)
  }
}

let engine
const open = () => {
  engine ??= openEngine({ url: datasource.url, shadowUrl: datasource.shadowDatabaseUrl, datamodels })
  return engine
}

async function call(method, params) {
  if (method === "createDatabase") {
    await createDatabase(datasource.url)
    return { databaseName: new URL(datasource.url).pathname.slice(1) }
  }
  const target = await open()
  if (method === "getDatabaseVersion") return target.version(params)
  if (typeof target[method] !== "function") throw new Error(`The schema engine has no method ${method}.`)
  const result = await target[method](params)
  if (method !== "diff" || result.stdout === null) return result ?? null
  write({ id: 0, method: "print", params: { content: result.stdout } })
  return { ...result, stdout: null }
}

function replyError(id, error) {
  const panicked = panicMessage()
  const message = panicked || error?.message || String(error)
  write({
    id,
    error: {
      code: 4466,
      message: "An error happened. Check the data field for details.",
      data: { is_panic: panicked !== "", message, error_code: error?.code, meta: error?.meta, error: { message } },
    },
  })
}

async function serve() {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === "") continue
    const { id, method, params } = JSON.parse(line)
    // Answers to our own `print` have no method.
    if (method === undefined) continue
    try {
      write({ id, result: await call(method, params) })
    } catch (error) {
      replyError(id, error)
    }
  }
}

await (command === undefined ? serve() : runCommand())
process.exit(0)
