/** The way from one worker to the database, which a test can cut: bytes then wait on both sides, and nobody is told. */

import { connect, createServer, type Socket } from "node:net"

export type Network = {
  /** The database's address by this way. */
  readonly url: string
  /** From now on nothing passes, connections stay open, new ones are never answered. */
  cut(): void
  /** What waited passes, as TCP sends again what was lost. */
  mend(): void
  /** New connections pass; those of before stay silent, as where a gateway has forgotten them. */
  mendForNew(): void
  close(): Promise<void>
}

export async function networkTo(databaseUrl: string): Promise<Network> {
  const { hostname, port } = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let isCut = false
  const join = (from: Socket, to: Socket) => {
    sockets.add(from)
    from.on("data", (bytes) => {
      if (!to.write(bytes)) from.pause()
    })
    to.on("drain", () => {
      if (!isCut) from.resume()
    })
    // A connection that the far side has ended is only heard of when the way is whole again.
    from.on("close", () => {
      sockets.delete(from)
      to.destroy()
    })
    from.on("error", () => {})
    if (isCut) from.pause()
  }
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    join(near, far)
    join(far, near)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const url = new URL(databaseUrl)
  url.port = String(typeof address === "object" && address !== null ? address.port : "")
  return {
    url: url.href,
    cut() {
      isCut = true
      for (const socket of sockets) socket.pause()
    },
    mend() {
      isCut = false
      for (const socket of sockets) socket.resume()
    },
    mendForNew() {
      isCut = false
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
