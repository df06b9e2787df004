/** The settings of a worker, from environment variables, read once; docs/environment.md lists them. */

import { availableParallelism, hostname } from "node:os"
import { join, resolve } from "node:path"
import type { FileStoreOptions } from "@fjord/db"
import { z } from "zod"

const variables = z.object({
  DATABASE_URL: z.string({ error: "is needed: the address of the studio's Postgres" }).min(1),
  FJORD_DATA: z.string().min(1).default(".fjord"),
  FJORD_SECRET: z.string().min(32, "needs at least 32 characters").optional(),
  FJORD_WORKER_NAME: z.string().min(1).max(200).default(hostname()),
  FJORD_THREADS: z.coerce.number().int().min(0).max(1024).default(0),
  FJORD_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  S3_ENDPOINT: z.url().optional(),
  S3_BUCKET: z.string().min(3).optional(),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  S3_REGION: z.string().default("auto"),
  HF_ENDPOINT: z.url().default("https://huggingface.co"),
})

export type Environment = {
  readonly databaseUrl: string
  /** Absolute; receives scratch folders and models. */
  readonly data: string
  readonly files: FileStoreOptions
  /** Opens the Hub tokens of people; without it nothing can be sent to the Hub. */
  readonly secret: string | undefined
  readonly workerName: string
  readonly threads: number
  readonly hubEndpoint: string
  readonly logLevel: z.infer<typeof variables>["FJORD_LOG_LEVEL"]
}

/** @throws Error that names every variable that is wrong. */
export function readEnvironment(source: Readonly<Record<string, string | undefined>>): Environment {
  // An empty variable is how shells and compose files say "not set".
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""))
  const parsed = variables.safeParse(given)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`)
    throw new Error(`The environment is not usable (docs/environment.md):\n${problems.join("\n")}`)
  }
  const {
    S3_ENDPOINT: endpoint,
    S3_BUCKET: bucket,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
    S3_REGION: region,
    ...rest
  } = parsed.data
  if (endpoint !== undefined && (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined))
    throw new Error("S3_ENDPOINT is set: S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are needed beside it.")
  const data = resolve(rest.FJORD_DATA)
  const s3 =
    endpoint === undefined || bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined
      ? undefined
      : { endpoint, bucket, accessKeyId, secretAccessKey, region }
  return {
    databaseUrl: rest.DATABASE_URL,
    data,
    files: { folder: join(data, "files"), ...(s3 !== undefined && { s3 }) },
    secret: rest.FJORD_SECRET,
    workerName: rest.FJORD_WORKER_NAME,
    threads: rest.FJORD_THREADS || availableParallelism(),
    hubEndpoint: rest.HF_ENDPOINT,
    logLevel: rest.FJORD_LOG_LEVEL,
  }
}
