import assert from "node:assert/strict"
import { connect } from "node:net"
import { after, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import express from "express"
import { pino } from "pino"
import { answerProblem, route } from "./problem.ts"

const file = import.meta.filename
const lines: { msg: string; path: string }[] = []
const app = express()
const asked = Promise.withResolvers<void>()
const gone = Promise.withResolvers<void>()
app.get(
  "/picture",
  route(async (_request, response) => {
    const left = new Promise((resolve) => response.once("close", resolve))
    asked.resolve()
    await left
    await new Promise<void>((resolve, reject) =>
      response.sendFile(file, (error) => (error ? reject(error) : resolve())),
    )
      // What the answer's failure says is the point of this test, after whoever waits for it has been told.
      .finally(() => setImmediate(gone.resolve))
  }),
)
app.get(
  "/broken",
  route(async () => {
    throw new Error("The disk is gone.")
  }),
)
app.use(answerProblem(pino({ level: "error" }, { write: (line: string) => void lines.push(JSON.parse(line)) })))
const server = app.listen(0, "127.0.0.1")
await new Promise((resolve) => server.once("listening", resolve))
after(() => server.close())
const address = server.address()
const port = typeof address === "object" && address !== null ? address.port : 0

it("a browser that goes away before its picture has come is no failure of the server's; a broken disk is", async () => {
  const socket = connect(port, "127.0.0.1")
  socket.write("GET /picture HTTP/1.1\r\nhost: localhost\r\n\r\n")
  await asked.promise
  socket.destroy()
  await gone.promise
  await sleep(50)
  assert.deepEqual(lines, [])
  assert.equal((await fetch(`http://127.0.0.1:${port}/broken`)).status, 500)
  assert.deepEqual(
    lines.map(({ msg, path }) => [msg, path]),
    [["a request failed", "/broken"]],
  )
})
