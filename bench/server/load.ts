/** The clients of bench/server.ts. */

import { socketsPerPerson, subscribers } from "./rows.ts"

export const percentile = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN

/** So many answers at least, however slow they come: a mean over fewer says nothing. */
const fewest = 100

/** Eight clients ask again and again. @returns the sorted times of the answers in milliseconds */
export async function askForAWhile(url: string, token: string, query: string, variables: object, seconds: number) {
  const body = JSON.stringify({ query, variables })
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` }
  const times: number[] = []
  const until = performance.now() + seconds * 1000
  const client = async () => {
    while (performance.now() < until || times.length < fewest) {
      const began = performance.now()
      const answer = (await (await fetch(`${url}/graphql`, { method: "POST", headers, body })).json()) as {
        errors?: unknown
      }
      if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors))
      times.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: 8 }, client))
  return times.sort((a, b) => a - b)
}

/** @returns how many are connected, the delays in milliseconds of what came, and how to stop. */
export async function subscribe(url: string, tokens: readonly string[], runId: string) {
  const delays: number[] = []
  const missing: number[] = []
  const sockets = await Promise.all(
    Array.from({ length: subscribers }, async (_, i) => {
      const socket = new WebSocket(`${url.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws")
      const connected = Promise.withResolvers<void>()
      let last = 0
      socket.onerror = () => connected.reject(new Error("a socket could not be opened"))
      socket.onopen = () =>
        socket.send(
          JSON.stringify({
            type: "connection_init",
            payload: { authorization: `Bearer ${tokens[Math.floor(i / socketsPerPerson)]}` },
          }),
        )
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data)
        if (message.type === "ping") socket.send('{"type":"pong"}')
        if (message.type === "connection_ack") {
          const query = `subscription { runEvents(runId: "${runId}") { events { seq type data } } }`
          socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query } }))
        }
        if (message.type !== "next") return
        connected.resolve()
        for (const { seq, type, data: event } of message.payload.data.runEvents.events) {
          if (seq !== last + 1) missing.push(seq)
          last = seq
          if (type === "Message") delays.push(Date.now() - Number(event.text))
        }
      }
      await connected.promise
      return socket
    }),
  )
  const stop = () => {
    for (const socket of sockets) socket.close()
  }
  return { delays, missing, stop }
}
