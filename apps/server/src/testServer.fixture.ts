/** A server for tests: real Postgres, real files, real HTTP, and people who sign up, call and follow. */

import { createHmac } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Database, type FileStore, openFileStore, openNotifications } from "@fjord/db"
import type { Role, TokenScope } from "@fjord/db/prisma"
import { startTestDatabase, type TestDatabase } from "@fjord/db/testing"
import { createClient } from "graphql-ws"
import { pino } from "pino"
import sharp from "sharp"
import { WebSocket } from "ws"
import { readEnvironment } from "./environment.ts"
import { newToken } from "./keys.ts"
import { type RunningServer, startServer } from "./startServer.ts"

type Headers = Readonly<Record<string, string>>
// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the query of the test asks for
type Data = any
export type Answer = {
  readonly status: number
  readonly data: Data
  readonly errors?: readonly { message: string; extensions?: { code?: string } }[]
}

/** Somebody who calls the server, by cookie or by token. */
export class Caller {
  readonly url: string
  readonly headers: Headers

  constructor(url: string, headers: Headers = {}) {
    this.url = url
    this.headers = headers
  }

  fetch(path: string, options: RequestInit = {}): Promise<Response> {
    const headers = { ...this.headers, ...(options.headers as Headers | undefined) }
    return fetch(new URL(path, this.url), { redirect: "manual", ...options, headers })
  }

  async query(query: string, variables: object = {}): Promise<Answer> {
    const response = await this.fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    })
    const body = (await response.json()) as Omit<Answer, "status">
    return { ...body, status: response.status }
  }

  /** The `data` of a mutation's success. @throws Error with what came instead */
  async act(field: string, query: string, variables: object = {}): Promise<Data> {
    const { data, errors } = await this.query(query, variables)
    const result = data?.[field]
    if (errors !== undefined || result?.data === undefined) throw new Error(JSON.stringify(errors ?? result))
    return result.data
  }

  /** Follows a subscription until `enough` of its results have come, or it ends. */
  async *follow(query: string, variables: Record<string, unknown> = {}): AsyncGenerator<Answer> {
    const { headers } = this
    class Socket extends WebSocket {
      constructor(address: string, protocols: string | string[]) {
        super(address, protocols, { headers })
      }
    }
    const client = createClient({
      url: `${this.url.replace(/^http/, "ws")}/graphql`,
      webSocketImpl: Socket,
      retryAttempts: 0,
    })
    try {
      for await (const result of client.iterate({ query, variables })) yield { status: 200, ...result } as Answer
    } finally {
      await client.dispose()
    }
  }
}

export type TestServer = RunningServer & {
  readonly postgres: TestDatabase
  readonly database: Database
  readonly files: FileStore
  readonly folder: string
  readonly stranger: Caller
  /** An account in a team: of the first, a new one. Made past sign-up, whose limits are tested where it is. */
  member(teamId: string | undefined, role: Role): Promise<{ caller: Caller; userId: string; teamId: string }>
  token(teamId: string, userId: string, scopes: TokenScope[]): Promise<Caller>
  signUp(name: string, invitation?: string): Promise<Response>
}

export const password = "correct horse battery"
export const cookieOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ")

export async function startTestServer(environment: Record<string, string> = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "fjord-server-"))
  const postgres = await startTestDatabase()
  const { database } = postgres
  const files = await openFileStore({ folder: join(folder, "files") })
  const notifications = await openNotifications(postgres.url)
  const log = pino({ level: process.env.FJORD_LOG_LEVEL ?? "silent", serializers: { error: pino.stdSerializers.err } })
  const settings = { DATABASE_URL: postgres.url, FJORD_DATA: folder, PORT: "0", ...environment }
  const secret = "a secret for tests, forty characters long"
  const server = await startServer({
    database,
    files,
    notifications,
    environment: readEnvironment(settings),
    secret,
    log,
    dashboard: false,
  })
  const origin = server.url
  let people = 0
  const token = async (teamId: string, userId: string, scopes: TokenScope[]) => {
    const { token: text, hash } = newToken("fjord")
    await database.apiToken.create({ data: { teamId, userId, name: "test", hash, prefix: text.slice(0, 12), scopes } })
    return new Caller(origin, { authorization: `Bearer ${text}` })
  }
  return {
    ...server,
    postgres,
    database,
    files,
    folder,
    stranger: new Caller(origin),
    token,
    signUp: (name, invitation) =>
      fetch(`${origin}/api/auth/sign-up/email`, {
        method: "POST",
        headers: { "content-type": "application/json", origin },
        body: JSON.stringify({ name, email: `${name}@example.org`, password, invitation }),
      }),
    async member(teamId, role) {
      const name = `person${++people}`
      const user = await database.user.create({ data: { name, email: `${name}@test.example` } })
      const team = teamId ?? (await database.team.create({ data: { name: `team of ${name}` } })).id
      await database.member.create({ data: { teamId: team, userId: user.id, role } })
      // A session as better-auth keeps it, its cookie signed as better-auth signs it.
      const session = `session${people}`
      await database.session.create({
        data: { token: session, userId: user.id, expiresAt: new Date(Date.now() + 3600_000) },
      })
      const signature = createHmac("sha256", secret).update(session).digest("base64")
      const cookie = `fjord.session_token=${encodeURIComponent(`${session}.${signature}`)}`
      return { caller: new Caller(origin, { cookie }), userId: user.id, teamId: team }
    },
    async stop() {
      await server.stop()
      await notifications.close()
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A picture that looks like no other: coloured noise from a seed, with some shape in it. */
export function testPicture(seed: number, side = 96): Promise<Buffer> {
  const rgb = Buffer.alloc(side * side * 3)
  let state = seed * 2654435761 + 1
  for (let i = 0; i < rgb.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const x = Math.floor(i / 3) % side
    rgb[i] = (state >>> 24) / 2 + (Math.sin((x * (seed + 1)) / 9) + 1) * 60
  }
  return sharp(rgb, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()
}
