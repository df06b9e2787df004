/** An S3-compatible server with an empty bucket. */

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import S3rver from "s3rver"
import type { S3Options } from "../../packages/db/src/index.ts"

export async function startS3(): Promise<{ readonly options: S3Options; stop(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), "fjord-s3-"))
  const buckets = [{ name: "fjord" }]
  const server = new S3rver({ port: 0, address: "127.0.0.1", silent: true, directory, configureBuckets: buckets })
  const { port } = await server.run()
  return {
    options: {
      endpoint: `http://127.0.0.1:${port}`,
      bucket: "fjord",
      accessKeyId: "S3RVER",
      secretAccessKey: "S3RVER",
      region: "us-east-1",
    },
    async stop() {
      await server.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
