import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { asyncBufferFromFile, parquetMetadataAsync } from "hyparquet"
import { parquetWriteBuffer } from "hyparquet-writer"
import { type StandIn, startStandIn } from "../../../../test/hub/standIn.ts"
import { createRepository } from "../account.ts"
import { parseFrontMatter } from "../card/frontMatter.ts"
import { connectTo, pythonHas, runPython, scratchFolder, writeFiles } from "../hub.fixture.ts"
import { pushFiles } from "../transfer/push.ts"
import { cachedDataset } from "./cachedDataset.ts"
import { pullDataset } from "./pullDataset.ts"
import { pushDataset } from "./pushDataset.ts"
import { writeParquet } from "./writeParquet.ts"

const scratch = scratchFolder()
let standIn: StandIn
before(async () => {
  standIn = await startStandIn({ transfer: "multipart", partBytes: 200_000 })
})
after(() => standIn.close())

const newFolder = () => mkdtempSync(join(scratch, "folder-"))
const connect = () => connectTo(standIn, join(scratch, "cache"))

/** A real picture of one pixel and its colour: a PNG that every decoder takes. */
const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
)
const jpeg = (size: number) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(size)])

/** Captions as written beside the pictures, by file. */
function captionsIn(folder: string): Map<string, string> {
  const file = join(folder, "metadata.jsonl")
  if (!existsSync(file)) return new Map()
  const rows = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  return new Map(rows.map((row) => [row.file_name, row.text]))
}

/** Puts files into a new data set of the stand-in. */
async function publish(id: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  const repository = { type: "dataset", id } as const
  await createRepository(connect(), repository)
  const sources = Object.entries(files).map(([path, content]) => ({ path, content }))
  await pushFiles(connect(), sources, { repository, title: "Files" })
}

describe("a data set that goes to the Hub and back", () => {
  const contents = [pixel, jpeg(300_000), jpeg(1), jpeg(90_000), pixel]
  const captions = ["a photo of sks toy", undefined, 'quotes "and", commas\nand lines', "ä 字 🤖", ""]
  const id = "anna/toys"

  test("has the same bytes and captions, in the same order", async () => {
    const folder = newFolder()
    const images = contents.map((content, index) => {
      const file = join(folder, `picture ${index}.dat`)
      writeFileSync(file, content)
      return { file, caption: captions[index] }
    })
    await pushDataset(connect(), id, { images, license: "cc-by-4.0" })
    assert.equal(standIn.repository("dataset", id)?.isPrivate, true)
    const out = join(folder, "out")
    const pulled = await pullDataset(connect(), id, out)
    assert.equal(pulled.images, 5)
    assert.equal(pulled.captions, 4)
    const files = readdirSync(out).filter((name) => name !== "metadata.jsonl")
    assert.deepEqual(files, ["00000.png", "00001.jpg", "00002.jpg", "00003.jpg", "00004.png"])
    const read = captionsIn(out)
    files.forEach((file, index) => {
      assert.deepEqual(readFileSync(join(out, file)), contents[index])
      assert.equal(read.get(file), captions[index])
    })
    await assert.rejects(pullDataset(connect(), id, out), { code: "exists" })
    await assert.rejects(
      pullDataset(connect(), id, join(folder, "x"), { split: "test" }),
      /no split test; it has train/,
    )
    await assert.rejects(pullDataset(connect(), id, join(folder, "x"), { captionColumn: "label" }), /no column label/)
    assert.ok(!existsSync(join(folder, "x")))
  })

  test("keeps its README and its other splits when it is pushed again", async () => {
    const repository = { type: "dataset", id } as const
    const folder = newFolder()
    writeFileSync(join(folder, "one.png"), pixel)
    const images = [{ file: join(folder, "one.png") }]
    const readme = (await readText(id, "README.md")).replace("# toys", "# My own words")
    await pushFiles(connect(), [{ path: "README.md", content: readme }], { repository, title: "Words" })
    await pushDataset(connect(), id, { images, split: "test" })
    await pushDataset(connect(), id, { images })
    const text = await readText(id, "README.md")
    assert.match(text, /# My own words/)
    assert.match(text, /license: cc-by-4.0/)
    const { dataset_info, configs } = parseFrontMatter(text).data
    const files = [...(standIn.repository("dataset", id)?.head("main")?.files.values() ?? [])]
    const shards = files.filter(({ path }) => path.endsWith(".parquet"))
    assert.deepEqual(shards.map(({ path }) => path).sort(), [
      "data/test-00000-of-00001.parquet",
      "data/train-00000-of-00001.parquet",
    ])
    // The picture and its name; no caption, but the column that the other split has.
    const bytes = pixel.length + "one.png".length
    assert.deepEqual(dataset_info, {
      features: [
        { name: "image", dtype: "image" },
        { name: "text", dtype: "string" },
      ],
      splits: [
        { name: "test", num_bytes: bytes, num_examples: 1 },
        { name: "train", num_bytes: bytes, num_examples: 1 },
      ],
      download_size: shards.reduce((sum, { size, lfs }) => sum + (lfs?.size ?? size), 0),
      dataset_size: 2 * bytes,
    })
    assert.deepEqual(configs, [
      {
        config_name: "default",
        data_files: [
          { split: "test", path: "data/test-*" },
          { split: "train", path: "data/train-*" },
        ],
      },
    ])
    for (const split of ["train", "test"]) {
      const pulled = await pullDataset(connect(), id, join(newFolder(), "out"), { split })
      assert.equal(pulled.images, 1, split)
    }
  })

  test("refuses captions in one split where the others have none", async () => {
    const folder = newFolder()
    writeFileSync(join(folder, "one.png"), pixel)
    const file = join(folder, "one.png")
    await pushDataset(connect(), "anna/uneven", { images: [{ file }] })
    const images = [{ file, caption: "a toy" }]
    await assert.rejects(
      pushDataset(connect(), "anna/uneven", { images, split: "test" }),
      /other splits of anna\/uneven have no captions.*--no-captions/,
    )
    await pushDataset(connect(), "anna/uneven", { images })
  })

  test("has shards and row groups as push_to_hub writes them, and fewer of them leave no old one behind", async () => {
    const folder = newFolder()
    writeFileSync(join(folder, "a.jpg"), jpeg(20_000))
    const images = Array.from({ length: 101 }, () => ({ file: join(folder, "a.jpg"), caption: "a" }))
    const { files } = await writeParquet(images, folder, true, undefined, 1_000_000)
    assert.equal(files.length, 3)
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(files[0] ?? ""))
    assert.equal(metadata.num_rows, 49n)
    const value = metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value ?? ""
    const features = { image: { _type: "Image" }, text: { dtype: "string", _type: "Value" } }
    assert.deepEqual(JSON.parse(value), { info: { features } })
    const columns = metadata.row_groups[0]?.columns.map(({ meta_data: column }) => [
      column?.path_in_schema.join("."),
      column?.codec,
    ])
    assert.deepEqual(columns, [
      ["image.bytes", "UNCOMPRESSED"],
      ["image.path", "UNCOMPRESSED"],
      ["text", "UNCOMPRESSED"],
    ])
    const old = "data/train-00002-of-00003.parquet"
    const repository = { type: "dataset", id: "anna/shards" } as const
    await publish("anna/shards", { [old]: readFileSync(files[2] ?? ""), "data/test-00000-of-00001.parquet": "kept" })
    await pushDataset(connect(), repository.id, { images: images.slice(0, 1) })
    const paths = [...(standIn.repository("dataset", repository.id)?.head("main")?.files.keys() ?? [])]
    assert.deepEqual(paths.filter((path) => path.startsWith("data/")).sort(), [
      "data/test-00000-of-00001.parquet",
      "data/train-00000-of-00001.parquet",
    ])
  })

  async function readText(repository: string, path: string): Promise<string> {
    const file = standIn.repository("dataset", repository)?.head("main")?.files.get(path)
    return readFileSync(standIn.world.blobs.path(file?.oid ?? ""), "utf8")
  }
})

describe("a folder of images on the Hub", () => {
  const metadata: Readonly<Record<string, string>> = {
    "metadata.csv": 'file_name,text,other\na.jpg,"first, ""quoted""",x\nsub/b.png,second,y\n../../c.jpg,out,z\n',
    "metadata.jsonl":
      '{"file_name":"a.jpg","text":"first, \\"quoted\\"","other":"x"}\n{"file_name":"sub/b.png","text":"second","other":"y"}\n',
  }
  for (const [name, text] of Object.entries(metadata))
    test(`is read with the captions of ${name}`, async () => {
      const id = `anna/folder-${name.replace("metadata.", "")}`
      const files = { "train/a.jpg": jpeg(10), "train/sub/b.png": pixel, "test/c.png": pixel, [`train/${name}`]: text }
      await publish(id, files)
      const out = join(newFolder(), "out")
      const pulled = await pullDataset(connect(), id, out)
      assert.equal(pulled.images, 2)
      assert.deepEqual(readFileSync(join(out, "00000.jpg")), files["train/a.jpg"])
      assert.deepEqual(
        [...captionsIn(out)],
        [
          ["00000.jpg", 'first, "quoted"'],
          ["00001.png", "second"],
        ],
      )
      const other = join(newFolder(), "out")
      await pullDataset(connect(), id, other, { captionColumn: "other" })
      assert.deepEqual([...captionsIn(other).values()], ["x", "y"])
    })

  test("is read with the captions of metadata.parquet", async () => {
    const table = parquetWriteBuffer({
      columnData: [
        { name: "file_name", data: ["a.jpg"], type: "STRING" },
        { name: "caption", data: ["from a table"], type: "STRING" },
      ],
    })
    await publish("anna/table", { "a.jpg": jpeg(9), "metadata.parquet": new Uint8Array(table) })
    const out = join(newFolder(), "out")
    await pullDataset(connect(), "anna/table", out)
    assert.deepEqual([...captionsIn(out)], [["00000.jpg", "from a table"]])
  })

  test("is unpacked once per commit, and serves without a network", async () => {
    const id = "anna/often"
    await publish(id, { "a.jpg": jpeg(9) })
    const first = await cachedDataset(connect(), id)
    const seen = standIn.seen.length
    assert.deepEqual(await cachedDataset(connect(), id), first)
    assert.ok(standIn.seen.slice(seen).every(({ path }) => !path.includes("/resolve/")))
    assert.deepEqual(await cachedDataset({ ...connect(), endpoint: "http://127.0.0.1:9" }, id), first)
    await publish(id, { "b.jpg": jpeg(9) })
    const second = await cachedDataset(connect(), id)
    assert.notEqual(second.folder, first.folder)
    assert.deepEqual(await cachedDataset(connect(), id, { revision: first.commit }), first)
    assert.deepEqual([readdirSync(first.folder).length, readdirSync(second.folder).length], [1, 2])
  })

  test("is read without any captions, what is no picture left out", async () => {
    await publish("anna/plain", { "one.jpg": jpeg(5), "two.png": "<html>", "README.md": "# Hello\n" })
    const pulled = await pullDataset(connect(), "anna/plain", join(newFolder(), "out"))
    assert.equal(pulled.images, 1)
    assert.deepEqual(pulled.refused, ["two.png is no picture of a known kind."])
  })

  test("says what is missing where there are no pictures", async () => {
    await publish("anna/texts", { "a.csv": "x\n1\n" })
    await assert.rejects(
      pullDataset(connect(), "anna/texts", join(newFolder(), "out")),
      /neither parquet files nor pict/,
    )
    await publish("anna/broken", { "data/train-0.parquet": "PAR1 and nothing else" })
    await assert.rejects(pullDataset(connect(), "anna/broken", join(newFolder(), "out")), /cannot be read as parquet/)
  })
})

const load = `
import sys
from datasets import load_dataset
rows = load_dataset("anna/for-python", split="train")
assert rows.column_names == ["image", "text"], rows.column_names
assert [row["text"] for row in rows] == ["first", None], rows["text"]
assert rows[0]["image"].size == (1, 1)
print("ok")
`
const push = `
import sys
from datasets import load_dataset
rows = load_dataset("imagefolder", data_dir=sys.argv[1], split="train")
rows.push_to_hub("anna/from-python")
print("ok")
`
const skip = pythonHas("datasets", "PIL") ? false : "python3 has no datasets with Pillow on this machine"

describe("Python's datasets", { skip }, () => {
  test("loads what was pushed here", async () => {
    const folder = newFolder()
    writeFiles(folder, { "a.png": pixel, "b.png": pixel })
    const images = [{ file: join(folder, "a.png"), caption: "first" }, { file: join(folder, "b.png") }]
    await pushDataset(connect(), "anna/for-python", { images })
    assert.match(await runPython(standIn, load, [], newFolder(), process.env), /ok/)
  })

  test("pushes what is pulled here with the same bytes and captions", async () => {
    const folder = newFolder()
    mkdirSync(join(folder, "in"))
    writeFiles(join(folder, "in"), { "a.png": pixel, "b.png": pixel })
    writeFileSync(
      join(folder, "in", "metadata.jsonl"),
      '{"file_name":"a.png","text":"A"}\n{"file_name":"b.png","text":"B"}\n',
    )
    assert.match(await runPython(standIn, push, [join(folder, "in")], newFolder(), process.env), /ok/)
    const out = join(folder, "out")
    await pullDataset(connect(), "anna/from-python", out)
    assert.deepEqual([...captionsIn(out).values()], ["A", "B"])
    assert.deepEqual(readFileSync(join(out, "00001.png")), pixel)
  })
})
