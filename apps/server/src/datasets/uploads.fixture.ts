/** A data set on a test server, and its door for uploads. */

import { type Caller, startTestServer, type TestServer } from "../testServer.fixture.ts"

export type Uploads = {
  readonly server: TestServer
  readonly owner: Caller
  readonly datasetId: string
  /** A signed address for one file. */
  address(name: string): Promise<string>
  /** Sends a file as a browser does: without an account, to an address of its own. */
  send(name: string, bytes: Buffer): Promise<Answer>
  /** Images in the data set. */
  count(): Promise<number>
  /** The same door for another data set. */
  into(datasetId: string): Uploads
}

type Answer = {
  readonly status: number
  readonly body: { problem: string; images: { name: string }[]; captions: number; skipped: unknown[] }
}

export async function startUploads(): Promise<Uploads> {
  const server = await startTestServer({ FJORD_MAX_UPLOAD_BYTES: "3000000" })
  const { caller, teamId } = await server.member(undefined, "OWNER")
  const { id } = await server.database.dataset.create({ data: { teamId, name: "d" } })
  return uploads(server, caller, id)
}

function uploads(server: TestServer, owner: Caller, datasetId: string): Uploads {
  const address = async (name: string): Promise<string> => {
    const request = `mutation ($datasetId: ID!, $name: String!) { requestUploads(datasetId: $datasetId, files: [{ name: $name }]) {
      ... on MutationRequestUploadsSuccess { data { url } } } }`
    const [upload] = await owner.act("requestUploads", request, { datasetId, name })
    return upload.url
  }
  return {
    server,
    owner,
    datasetId,
    address,
    send: async (name, bytes) => {
      const response = await server.stranger.fetch(await address(name), { method: "PUT", body: new Uint8Array(bytes) })
      return { status: response.status, body: (await response.json()) as Answer["body"] }
    },
    count: () => server.database.image.count({ where: { datasetId } }),
    into: (other) => uploads(server, owner, other),
  }
}
