/** What becomes of a model file sent to an upload address: looked at by the door, then kept until it is imported. */

import type { ModelFileContents } from "@fjord/contracts"
import { recordFile, storingAgain } from "@fjord/db"
import type { Upload } from "@fjord/db/prisma"
import type { Studio } from "../context.ts"
import { InputError } from "../expectedError.ts"

/** @param file where the bytes lie. @throws InputError where it is refused; the address then stays open for another try */
export async function receiveModelFile(
  studio: Studio,
  { id, teamId, fileName }: Upload,
  file: string,
): Promise<{ readonly contents: ModelFileContents }> {
  const admitted = await studio.modelDoor.admit({ file, name: fileName })
  if ("problem" in admitted) {
    await studio.database.upload.update({ where: { id }, data: { status: "REFUSED", problem: admitted.problem } })
    throw new InputError(admitted.problem)
  }
  const { contents } = admitted
  await storingAgain(async () => {
    const stored = await studio.files.putFile(file)
    await studio.database.$transaction(async (transaction) => {
      await recordFile(transaction, studio.files, { ...stored, mediaType: "application/octet-stream" }, teamId)
      await transaction.upload.update({ where: { id }, data: { status: "STORED", hash: stored.hash, contents } })
    })
  })
  return { contents }
}
