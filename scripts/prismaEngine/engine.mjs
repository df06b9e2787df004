/** Prisma's schema engine as WebAssembly over the pg driver: migrations without the engine binary that Prisma downloads. */

import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { PrismaPg } from "@prisma/adapter-pg"
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils"
import * as bindings from "@prisma/schema-engine-wasm/schema_engine_bg"

let panic = ""
// Without it a panic of the engine ends the process with status 0 and no word.
globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  set_message(message) {
    panic = message
  },
}

/** @returns what the engine said when it panicked last, or "". */
export const panicMessage = () => panic

let loaded
async function load() {
  const script = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg")
  const bytes = readFileSync(script.replace(/\.js$/, ".wasm"))
  const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": bindings })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
}

const charOid = 18
const nameOfUnsupported = "Unsupported column type"

/** Mends what the engine needs of the adapter: the type "char", and scripts whose strings or bodies hold semicolons. */
function mend(adapter) {
  const queryRaw = adapter.queryRaw.bind(adapter)
  adapter.queryRaw = async (query) => {
    try {
      return await queryRaw(query)
    } catch (error) {
      if (!isUnsupportedChar(error)) throw error
      const { fields, rows } = await adapter.performIO(query)
      return {
        columnNames: fields.map((field) => field.name),
        columnTypes: await Promise.all(
          fields.map(async (field) =>
            field.dataTypeID === charOid ? ColumnTypeEnum.Character : await columnType(queryRaw, field.dataTypeID),
          ),
        ),
        rows,
      }
    }
  }
  adapter.executeScript = async (script) => {
    try {
      await adapter.underlyingDriver().query(script)
    } catch (error) {
      adapter.onError(error)
    }
  }
  return adapter
}

function isUnsupportedChar(error) {
  return error?.cause?.kind === "UnsupportedNativeDataType" || String(error?.message).includes(nameOfUnsupported)
}

const columnTypes = new Map()
/** The adapter keeps its table of types to itself: a query that returns no row of the type tells. */
async function columnType(queryRaw, oid) {
  if (!columnTypes.has(oid)) {
    const name = await queryRaw({ sql: `SELECT format_type(${oid}, NULL)`, args: [], argTypes: [] })
    const probe = await queryRaw({ sql: `SELECT NULL::${name.rows[0][0]}`, args: [], argTypes: [] })
    columnTypes.set(oid, probe.columnTypes[0])
  }
  return columnTypes.get(oid)
}

/** The same URL with another database. */
function withDatabase(url, database) {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

function withoutPrismaOptions(url) {
  const changed = new URL(url)
  changed.searchParams.delete("schema")
  return changed.href
}

/** A driver of the database at `url` whose shadow database is another database of the same server. */
function adapterFactory(url, shadowUrl) {
  const schema = new URL(url).searchParams.get("schema") ?? undefined
  const connect = async (address, dispose) => {
    const factory = new PrismaPg({ connectionString: withoutPrismaOptions(address), max: 2 }, { schema })
    const adapter = mend(await factory.connect())
    const close = adapter.dispose.bind(adapter)
    adapter.dispose = async () => {
      await close()
      await dispose?.()
    }
    return adapter
  }
  const execute = async (sql) => {
    const adapter = await connect(url)
    await adapter.executeScript(sql).finally(() => adapter.dispose())
  }
  return {
    provider: "postgres",
    adapterName: "@prisma/adapter-pg",
    connect: () => connect(url),
    connectToShadowDb: async () => {
      if (shadowUrl) return connect(shadowUrl)
      const database = `prisma_migrate_shadow_db_${randomUUID()}`
      await execute(`CREATE DATABASE "${database}"`)
      return connect(withDatabase(url, database), () => execute(`DROP DATABASE "${database}" WITH (FORCE)`))
    },
  }
}

/**
 * @param url the database; may be absent for comparing two schemas
 * @param datamodels pairs of path and content of Prisma schema files
 * @returns the engine with the methods of Prisma's schema engine, and errorOf() for the driver's errors.
 */
export async function openEngine({ url, shadowUrl, datamodels }) {
  loaded ??= load()
  await loaded
  const factory = bindMigrationAwareSqlAdapterFactory(adapterFactory(url ?? "postgresql://localhost/none", shadowUrl))
  return bindings.SchemaEngine.new({ datamodels }, () => {}, factory)
}

/** Creates the database of `url` if the server has none of that name. @returns whether it did. */
export async function createDatabase(url) {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  const adapter = await new PrismaPg({
    connectionString: withDatabase(withoutPrismaOptions(url), "postgres"),
  }).connect()
  try {
    const found = await adapter.queryRaw({
      sql: `SELECT 1 FROM pg_database WHERE datname = '${name.replaceAll("'", "''")}'`,
      args: [],
      argTypes: [],
    })
    if (found.rows.length > 0) return false
    await adapter.underlyingDriver().query(`CREATE DATABASE "${name.replaceAll('"', '""')}"`)
    return true
  } finally {
    await adapter.dispose()
  }
}

/** Throws the driver's error where the database of `url` does not answer. */
export async function connectOnce(url) {
  const adapter = await new PrismaPg({ connectionString: withoutPrismaOptions(url) }).connect()
  await adapter.queryRaw({ sql: "SELECT 1", args: [], argTypes: [] }).finally(() => adapter.dispose())
}
