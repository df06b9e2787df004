/** What the launcher reads of the environment; everything else is the server's and the workers'. */

import { resolve } from "node:path"

export type Settings = {
  /** The database of a studio that brings its own; undefined starts the embedded one. */
  readonly databaseUrl: string | undefined
  /** Folder of everything that this studio keeps, absolute. */
  readonly data: string
  readonly workers: number
  /** Whether the dashboard is built where it has changed. */
  readonly dashboard: boolean
  readonly host: string
  readonly port: number
  /** Where set, logs go to the terminal instead of files. */
  readonly logLevel: string | undefined
}

/** @throws Error that names the variable that is wrong. */
export function readSettings(source: Readonly<Record<string, string | undefined>>): Settings {
  // An empty variable is how shells and compose files say "not set".
  const text = (name: string) => (source[name] === "" ? undefined : source[name])
  const whole = (name: string, fallback: number, most: number) => {
    const given = text(name)
    if (given === undefined) return fallback
    if (!/^\d+$/.test(given) || Number(given) > most)
      throw new Error(`${name} is ${JSON.stringify(given)}; it has to be a whole number from 0 to ${most}.`)
    return Number(given)
  }
  return {
    databaseUrl: text("DATABASE_URL"),
    data: resolve(text("FJORD_DATA") ?? ".fjord"),
    dashboard: whole("FJORD_DASHBOARD", 1, 1) === 1,
    workers: whole("FJORD_WORKERS", 1, 64),
    host: text("HOST") ?? "127.0.0.1",
    port: whole("PORT", 4100, 65_535),
    logLevel: text("FJORD_LOG_LEVEL"),
  }
}
