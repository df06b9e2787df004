/** The pictures and captions of a data set at one moment; its SHA-256 names the data set's version. */

import { z } from "zod"

/** SHA-256 in hexadecimal digits: the name of bytes in the file store. */
export const fileHash = z.string().regex(/^[0-9a-f]{64}$/)

export const datasetManifest = z.array(z.strictObject({ hash: fileHash, name: z.string(), caption: z.string() }))

export type DatasetManifest = z.infer<typeof datasetManifest>
