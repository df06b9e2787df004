/** The settings of the server, from environment variables, read once; docs/environment.md lists them. */

import { join, resolve } from "node:path"
import type { FileStoreOptions } from "@fjord/db"
import { z } from "zod"

const number = (fallback: number, minimum: number, maximum: number) =>
  z.coerce.number().int().min(minimum).max(maximum).default(fallback)
const flag = (fallback: "0" | "1") =>
  z
    .enum(["0", "1", "true", "false"])
    .default(fallback)
    .transform((text) => text === "1" || text === "true")

const variables = z.object({
  DATABASE_URL: z.string({ error: "is needed: the address of the studio's Postgres" }).min(1),
  FJORD_DATA: z
    .string()
    .min(1)
    .default(".fjord")
    .transform((folder) => resolve(folder)),
  PORT: number(4100, 0, 65_535),
  HOST: z.string().min(1).default("127.0.0.1"),
  FJORD_URL: z.url().optional(),
  FJORD_SECRET: z.string().min(32, "needs at least 32 characters").optional(),
  S3_ENDPOINT: z.url().optional(),
  S3_BUCKET: z.string().min(3).optional(),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  S3_REGION: z.string().default("auto"),
  HF_ENDPOINT: z.url().default("https://huggingface.co"),
  HF_OAUTH_CLIENT_ID: z.string().min(1).optional(),
  HF_OAUTH_CLIENT_SECRET: z.string().min(1).optional(),
  FJORD_TRUST_PROXY: number(0, 0, 10),
  FJORD_ALLOW_PRIVATE_WEBHOOKS: flag("0"),
  FJORD_DASHBOARD: flag("1"),
  FJORD_MAX_UPLOAD_BYTES: number(512 * 2 ** 20, 1024, 64 * 2 ** 30),
  FJORD_MAX_MODEL_BYTES: number(8 * 2 ** 30, 1024, 256 * 2 ** 30),
  FJORD_TEAM_BYTES: number(0, 0, Number.MAX_SAFE_INTEGER),
  FJORD_MAX_PIXELS: number(50_000_000, 65_536, 268_000_000),
  FJORD_METRICS_TOKEN: z.string().min(16, "needs at least 16 characters").optional(),
  FJORD_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
})

export type Environment = z.infer<typeof variables>

/** @throws Error that names every variable that is wrong, what it holds and what it should. */
export function readEnvironment(source: Readonly<Record<string, string | undefined>>): Environment {
  // An empty variable is how shells and compose files say "not set".
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""))
  const parsed = variables.safeParse(given)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0])
    const got = name.includes("SECRET") ? "a value that is not shown" : JSON.stringify(given[name])
    return `  ${name} is ${got}: ${issue.message}`
  })
  throw new Error(`The environment is not usable (docs/environment.md):\n${problems.join("\n")}`)
}

/** @throws Error when only a part of the S3 settings is given. */
export function fileStoreOptions(environment: Environment): FileStoreOptions {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, S3_REGION: region } = environment
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = environment
  const folder = join(environment.FJORD_DATA, "files")
  if (endpoint === undefined) return { folder }
  if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined)
    throw new Error("S3_ENDPOINT is set: S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are needed beside it.")
  return { folder, s3: { endpoint, bucket, accessKeyId, secretAccessKey, region } }
}
