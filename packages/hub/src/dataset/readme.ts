/** The README.md of a data set on the Hub. */

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { HubConnection } from "../connection.ts"
import { HubError } from "../hubError.ts"
import { pullFiles } from "../transfer/pullFiles.ts"
import type { RemoteRepository } from "../transfer/remoteFiles.ts"
import type { TransferOptions } from "../transfer/transferEvent.ts"

const largestBytes = 5_000_000

/** @returns its text, undefined where there is none. @throws HubError for one that is no text that anybody reads */
export async function readReadme(
  connection: HubConnection,
  remote: RemoteRepository,
  revision: string,
  { signal }: Pick<TransferOptions, "signal">,
): Promise<string | undefined> {
  const file = remote.files.get("README.md")
  if (file === undefined) return undefined
  if (file.size > largestBytes)
    throw new HubError("tooLarge", `README.md of ${remote.repository.id} has ${file.size} bytes, more than any README.`)
  return readFile(join(await pullFiles(connection, remote, ["README.md"], revision, { signal }), "README.md"), "utf8")
}
