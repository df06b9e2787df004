/** PUT /uploads/SIGNED: bytes of one file, to a temporary file, then through the door. */

import { randomUUID } from "node:crypto"
import { createWriteStream } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { Transform } from "node:stream"
import { pipeline } from "node:stream/promises"
import { Router } from "express"
import type { Studio } from "../context.ts"
import { receiveUpload } from "../datasets/receiveUpload.ts"
import { uploadOfAddress } from "../datasets/uploads.ts"
import { InputError } from "../expectedError.ts"
import { receiveModelFile } from "../models/receiveModelFile.ts"
import { route } from "./problem.ts"

export function uploadRoutes(studio: Studio): Router {
  const router = Router()
  router.put(
    "/uploads/:address",
    route(async (request, response) => {
      const upload = await uploadOfAddress(studio, String(request.params.address))
      const isModel = upload.datasetId === null
      const { FJORD_MAX_MODEL_BYTES, FJORD_MAX_UPLOAD_BYTES } = studio.environment
      const most = Number(upload.byteSize ?? (isModel ? FJORD_MAX_MODEL_BYTES : FJORD_MAX_UPLOAD_BYTES))
      const announced = Number(request.headers["content-length"] ?? 0)
      if (announced > most) throw new InputError(`It has ${announced} bytes; ${most} were announced or are accepted.`)
      let size = 0
      const count = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          size += chunk.length
          done(
            size > most
              ? new InputError(`It has more than the ${most} bytes that were announced or are accepted.`)
              : null,
            chunk,
          )
        },
      })
      const file = join(studio.incoming, randomUUID())
      try {
        await pipeline(request, count, createWriteStream(file, { flags: "wx" }))
        if (size === 0) throw new InputError("It is empty.")
        response.json(await (isModel ? receiveModelFile : receiveUpload)(studio, upload, file))
      } finally {
        await rm(file, { force: true })
      }
    }),
  )
  return router
}
