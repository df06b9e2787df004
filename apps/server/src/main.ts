/** The server process: `npm run server`. */

import { checkDatabase, makeDataFolder, openDatabase, openFileStore, openNotifications, Refusal } from "@fjord/db"
import { pino } from "pino"
import { type Environment, fileStoreOptions, readEnvironment } from "./environment.ts"
import { studioSecret } from "./secret.ts"
import { startServer } from "./startServer.ts"

function environmentOrExit(): Environment {
  try {
    return readEnvironment(process.env)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(2)
  }
}

const environment = environmentOrExit()
const log = pino({
  name: "server",
  level: environment.FJORD_LOG_LEVEL,
  serializers: { error: pino.stdSerializers.err },
  redact: ["*.authorization", "*.cookie", "*.token", "*.password"],
})

function reasonOf(error: unknown) {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  if (code === "EADDRINUSE") return `Port ${environment.PORT} is taken; set PORT to another one.`
  if (code === "EACCES") return `Port ${environment.PORT} may not be used by this account; set PORT to one above 1023.`
  return "The server could not start; has the database been migrated?"
}

try {
  makeDataFolder(environment.FJORD_DATA)
  await checkDatabase(environment.DATABASE_URL)
  const database = openDatabase(environment.DATABASE_URL, 15)
  const notifications = await openNotifications(environment.DATABASE_URL)
  const files = await openFileStore(fileStoreOptions(environment))
  const secret = await studioSecret(environment.FJORD_SECRET, environment.FJORD_DATA)
  const server = await startServer({
    database,
    files,
    notifications,
    environment,
    secret,
    log,
    dashboard: environment.FJORD_DASHBOARD,
  })
  // Whoever started us over a pipe waits for this; one that has gone is noticed below.
  process.send?.({ url: server.url }, undefined, {}, () => {})
  let ending = false
  const stop = async (signal: string) => {
    if (ending) return
    ending = true
    log.info({ signal }, "the server ends")
    await server.stop()
    await notifications.close()
    await database.$disconnect()
    process.exit(0)
  }
  process.on("SIGINT", () => void stop("SIGINT"))
  process.on("SIGTERM", () => void stop("SIGTERM"))
  process.on("disconnect", () => void stop("disconnect"))
  // It may have gone before anybody listened.
  if (process.send !== undefined && !process.connected) void stop("disconnect")
} catch (error) {
  if (error instanceof Refusal) log.fatal(error.message)
  else log.fatal({ error }, reasonOf(error))
  process.exit(1)
}
