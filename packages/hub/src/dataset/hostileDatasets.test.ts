/** Data sets of strangers that are damaged or made to do harm: one sentence each, and the process lives on. */

import assert from "node:assert/strict"
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { gzipSync } from "node:zlib"
import type { FileMetaData, PageHeader } from "hyparquet"
import { ByteWriter, parquetWriteBuffer } from "hyparquet-writer"
import { writePageHeader } from "hyparquet-writer/src/datapage.js"
import { writeMetadata } from "hyparquet-writer/src/metadata.js"
import { type StandIn, startStandIn } from "../../../../test/hub/standIn.ts"
import { assertEndsWithParent, computedSeconds } from "../../../../test/orphans.ts"
import { createRepository } from "../account.ts"
import { connectTo, scratchFolder } from "../hub.fixture.ts"
import { HubError } from "../hubError.ts"
import { pushFiles } from "../transfer/push.ts"
import { globMatcher } from "./glob.ts"
import { pullDataset } from "./pullDataset.ts"
import { readParquetImages } from "./readParquet.ts"

const scratch = scratchFolder()
const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(20_000, 7)])

async function refused(bytes: Uint8Array, message: RegExp, limits: Parameters<typeof readParquetImages>[3] = {}) {
  const path = join(mkdtempSync(join(scratch, "table-")), "a.parquet")
  writeFileSync(path, bytes)
  await assert.rejects(Array.fromAsync(readParquetImages(path, "a.parquet", {}, limits)), (error) => {
    assert.ok(error instanceof HubError, String(error))
    assert.match(error.message, message)
    assert.match(error.message, /^a\.parquet .*\.$|^Reading a\.parquet .*\.$/)
    return true
  })
}

const column = (data: unknown[], type: "BYTE_ARRAY" | "STRING" = "BYTE_ARRAY") => ({ name: "image", data, type })
const table = (options: Parameters<typeof parquetWriteBuffer>[0]) => new Uint8Array(parquetWriteBuffer(options))

/** A file of one column and one page, whose headers say what they are told to. */
function forged(rows: number, header: PageHeader, page: Uint8Array): Uint8Array {
  const writer = new ByteWriter()
  writer.appendUint32(0x31524150)
  const start = writer.offset
  writePageHeader(writer, header)
  writer.appendBytes(page)
  const size = BigInt(writer.offset - start)
  const metadata: FileMetaData = {
    version: 2,
    schema: [
      { name: "root", num_children: 1 },
      { name: "image", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
    ],
    num_rows: BigInt(rows),
    row_groups: [
      {
        columns: [
          {
            file_offset: BigInt(start),
            meta_data: {
              type: "BYTE_ARRAY",
              encodings: ["PLAIN"],
              path_in_schema: ["image"],
              codec: "UNCOMPRESSED",
              num_values: BigInt(rows),
              total_uncompressed_size: size,
              total_compressed_size: size,
              data_page_offset: BigInt(start),
            },
          },
        ],
        total_byte_size: size,
        num_rows: BigInt(rows),
      },
    ],
    metadata_length: 0,
  }
  writeMetadata(writer, metadata)
  writer.appendUint32(0x31524150)
  return new Uint8Array(writer.getBuffer())
}

/** Dictionary indices of no bits, so many of them that the count of them is negative. */
function endless(): Uint8Array {
  const indices = new ByteWriter()
  indices.appendUint8(0)
  indices.appendVarInt(2 ** 29 + 1)
  const page = Buffer.concat([Buffer.from([2 * 10, 1]), indices.getBytes()])
  return forged(
    10,
    {
      type: "DATA_PAGE_V2",
      uncompressed_page_size: page.length,
      compressed_page_size: page.length,
      data_page_header_v2: {
        num_values: 10,
        num_nulls: 0,
        num_rows: 10,
        encoding: "RLE_DICTIONARY",
        definition_levels_byte_length: 2,
        repetition_levels_byte_length: 0,
        is_compressed: false,
      },
    },
    page,
  )
}

describe("a parquet file", () => {
  test("that unpacks to a thousand times its size is refused before it does", () =>
    refused(
      table({
        columnData: [{ ...column([new Uint8Array(100_000_000)]), encoding: "PLAIN" }],
        codec: "GZIP",
        compressors: { GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)) },
        statistics: false,
      }),
      /unpack to 1000000\d\d, more than pictures and captions do/,
    ))

  test("of more rows in a group than there are pictures is refused", () =>
    refused(
      table({ columnData: [column(new Array(1_000_001).fill(null))], rowGroupSize: 2_000_000 }),
      /a row group of 1000001 rows; at most 1000000/,
    ))

  test("whose few bytes ask for a billion values ends its reader, not this process", () => {
    const count = 2 ** 30
    const run = new ByteWriter()
    run.appendVarInt(count * 2)
    run.appendUint8(0)
    const levels = run.getBytes()
    const page = Buffer.concat([Buffer.from(new Uint32Array([levels.length]).buffer), levels])
    const header: PageHeader = {
      type: "DATA_PAGE",
      uncompressed_page_size: page.length,
      compressed_page_size: page.length,
      data_page_header: {
        num_values: count,
        encoding: "PLAIN",
        definition_level_encoding: "RLE",
        repetition_level_encoding: "RLE",
      },
    }
    return refused(forged(10, header, page), /asks for more memory|cannot be read as parquet/)
  })

  test("that lets its reader count for ever is given up", () =>
    refused(endless(), /does not end within 3 s/, { longest: 3000 }))

  test("that lets its reader count for ever does not outlive a worker that is killed", () => {
    const path = join(scratch, "endless.parquet")
    writeFileSync(path, endless())
    const reader = JSON.stringify(new URL("./readParquet.ts", import.meta.url).href)
    return assertEndsWithParent(
      `import { readParquetImages } from ${reader}
       await readParquetImages(${JSON.stringify(path)}, "endless.parquet", {}).next()`,
      // Longer than it takes to start.
      (child) => computedSeconds(child) >= 3,
    )
  })

  test("that holds one picture for a million rows is not written out", () =>
    refused(table({ columnData: [column(new Array(4000).fill(jpeg))] }), /the same pictures again and again/))

  test("cut, garbled or empty is refused", async () => {
    const whole = table({ columnData: [column([jpeg, jpeg])] })
    await refused(whole.subarray(0, whole.length - 20), /cannot be read as parquet/)
    await refused(new Uint8Array(), /cannot be read as parquet/)
    const garbled = whole.slice()
    garbled.fill(0x5a, whole.length - 60, whole.length - 12)
    await refused(garbled, /cannot be read as parquet|has no column/)
  })
})

describe("pictures that are only named", () => {
  let standIn: StandIn
  before(async () => {
    standIn = await startStandIn()
  })
  after(() => standIn.close())

  let count = 0
  async function pulling(files: Readonly<Record<string, string | Uint8Array>>, options: object = {}) {
    const id = `anna/hostile-${++count}`
    const connection = connectTo(standIn, join(scratch, "cache"))
    await createRepository(connection, { type: "dataset", id })
    const sources = Object.entries(files).map(([path, content]) => ({ path, content }))
    await pushFiles(connection, sources, { repository: { type: "dataset", id }, title: "Files" })
    const out = join(mkdtempSync(join(scratch, "out-")), "out")
    return { pulled: await pullDataset(connection, id, out, options).catch((error: unknown) => error), out }
  }
  async function refusedPull(files: Readonly<Record<string, string | Uint8Array>>, message: RegExp, options?: object) {
    const { pulled, out } = await pulling(files, options)
    assert.ok(pulled instanceof HubError, String(pulled))
    assert.match(pulled.message, message)
    assert.match(pulled.message, /^\S[^\n]*\.$/)
    assert.ok(!existsSync(out))
  }

  test("by an address or a path, in a column of texts or beside no bytes, are refused and never fetched", async () => {
    const texts = (value: string) => table({ columnData: [column([value], "STRING")] })
    await refusedPull(
      { "data/train-0.parquet": texts("https://example.org/a.jpg") },
      /only has the address of a picture, which is not fetched/,
    )
    await refusedPull(
      { "data/train-0.parquet": texts("photos/a.jpg") },
      /only names a picture that is not in the data set/,
    )
    const cell = (path: string) =>
      table({
        schema: [
          { name: "root", num_children: 1 },
          { name: "image", num_children: 2, repetition_type: "OPTIONAL" },
          { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
          { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
        ],
        columnData: [{ name: "image", data: [{ bytes: null, path }] }],
      })
    await refusedPull({ "data/train-0.parquet": cell("http://example.org/a.jpg") }, /only has the address of a picture/)
    await refusedPull(
      { "data/train-0.parquet": cell("../../a.jpg") },
      /only names a picture that is not in the data set/,
    )
  })

  test("in archives are refused with the way to the Hub's own parquet files", () =>
    refusedPull(
      { "train-0000.tar": "x" },
      /only archives \(train-0000\.tar\), which are not opened; try --revision refs\/convert\/parquet/,
    ))

  test("by a README of wrong types are looked for by the names of the files", async () => {
    const readmes = [
      "configs: all of them",
      "configs: [{config_name: 5}]",
      "configs: [{config_name: a, data_files: {split: train}}]",
      "configs: {config_name: default}",
      "dataset_info: [[[1]]]",
    ]
    for (const front of readmes) {
      const { pulled, out } = await pulling({ "README.md": `---\n${front}\n---\n`, "a.jpg": jpeg })
      assert.ok(!(pulled instanceof Error), `${front}: ${pulled}`)
      assert.deepEqual(readFileSync(join(out, "00000.jpg")), jpeg)
    }
  })

  test("by front matter that is no mapping, no YAML, grows without bound or is nested without end are refused", async () => {
    const bomb = `a: &a [x, x]\nb: &b [${"*a, ".repeat(30)}x]\nc: [${"*b, ".repeat(30)}x]`
    for (const [front, message] of [
      ["- one\n- two", /must be YAML of the form key: value/],
      ["a: [", /not valid YAML at line \d/],
      [bomb, /front matter cannot be read/],
      [`a: ${"[".repeat(20_000)}`, /front matter (?:cannot be read|is not valid YAML)/],
    ] as const)
      await refusedPull({ "README.md": `---\n${front}\n---\n`, "a.jpg": jpeg }, message)
    await refusedPull(
      { "README.md": `---\na: 1\n---\n${"x".repeat(5_000_001)}`, "a.jpg": jpeg },
      /more than any README/,
    )
  })

  test("by a caption that is not UTF-8, or in lines that are no JSON, are refused", async () => {
    await refusedPull(
      { "a.jpg": jpeg, "metadata.csv": Buffer.from("file_name,text\na.jpg,\xff\n", "latin1") },
      /metadata\.csv cannot be read/,
    )
    await refusedPull(
      { "a.jpg": jpeg, "metadata.jsonl": '{"file_name":"a.jpg"}\n{' },
      /metadata\.jsonl, line 2 is not JSON/,
    )
    await refusedPull({ "a.jpg": jpeg, "metadata.parquet": "PAR1" }, /metadata\.parquet cannot be read/)
  })
})

test("patterns of a README fit what the Hub lets them fit, and none takes for ever", () => {
  const fits = (glob: string, path: string) => globMatcher(glob)(path)
  for (const [glob, path, expected] of [
    ["data/train-*", "data/train-00000-of-00001.parquet", true],
    ["data/train-*", "data/train-1/a.parquet", false],
    ["**/train-*.parquet", "train-0.parquet", true],
    ["**/train-*.parquet", "a/b/train-0.parquet", true],
    ["data/**", "data/a/b.jpg", true],
    ["data/**/*.jpg", "data/a.jpg", true],
    ["./a?.jpg", "ab.jpg", true],
    ["[ab]-[0-9].jpg", "b-7.jpg", true],
    ["[!ab].jpg", "a.jpg", false],
    ["a.jpg", "axjpg", false],
    ["(a+)+$", "(a+)+$", true],
    ["[z", "[z", true],
  ] as const)
    assert.equal(fits(glob, path), expected, `${glob} ${path}`)
  // Going back, this would outlive everybody.
  assert.equal(fits(`${"**/".repeat(100)}${"*a".repeat(100)}b`, `${"a/".repeat(300)}${"a".repeat(300)}`), false)
})
