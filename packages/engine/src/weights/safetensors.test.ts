import assert from "node:assert/strict"
import { mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { openSafetensors, readFloat32, readTensor, readTensors, SafetensorsError } from "./safetensors.ts"
import { type NamedTensor, writeSafetensors } from "./writeSafetensors.ts"

const folder = mkdtempSync(join(tmpdir(), "fjord-safetensors-"))
after(() => rmSync(folder, { recursive: true }))

let files = 0
function fileOf(header: string | Uint8Array, data = 0, length?: bigint): string {
  const text = Buffer.from(header)
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(length ?? BigInt(text.length))
  const path = join(folder, `${files++}.safetensors`)
  writeFileSync(path, Buffer.concat([prefix, text, Buffer.alloc(data, 1)]))
  return path
}
function shortFile(): string {
  const path = join(folder, "short")
  writeFileSync(path, "abc")
  return path
}
const tensor = (dtype: unknown, shape: unknown, offsets: unknown) =>
  JSON.stringify({ dtype, shape, data_offsets: offsets })
const one = (entry: string, data = 8) => fileOf(`{"a":${entry}}`, data)

describe("hostile files are refused", () => {
  const cases: [string, () => string, RegExp][] = [
    ["shorter than 8 bytes", () => shortFile(), /fewer than/],
    ["a length of 2^64-1", () => fileOf("{}", 0, 2n ** 64n - 1n), /after the end/],
    ["a length past the end", () => fileOf("{}", 0, 3n), /after the end/],
    ["a header over the cap", () => fileOf(Buffer.alloc(25_000_001, "{")), /more than 25000000/],
    ["an empty header", () => fileOf(""), /empty/],
    ["not JSON", () => fileOf("{x}"), /not JSON/],
    ["not UTF-8", () => fileOf(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])), /UTF-8/],
    ["an array as root", () => fileOf("[]"), /start with/],
    ["a space before the brace", () => fileOf(" {}"), /start with/],
    ["a byte order mark", () => fileOf("\ufeff{}"), /start with/],
    ["JSON 100 000 deep", () => fileOf(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`), /"a" is not|not JSON/],
    ["a string of 24 MB", () => fileOf(`{"a":"${"\\n".repeat(12e6)}"}`), /"a" is not/],
    ["text after the header's JSON", () => fileOf("{}{}"), /not JSON/],
    [
      "a duplicate tensor",
      () => fileOf(`{"a":${tensor("U8", [8], [0, 8])},"a":${tensor("U8", [8], [0, 8])}}`, 8),
      /twice/,
    ],
    ["an escaped duplicate", () => fileOf(`{"a":${tensor("U8", [8], [0, 8])},"\\u0061":{}}`, 8), /"a" twice/],
    ["a duplicate field", () => one('{"dtype":"U8","dtype":"I8","shape":[8],"data_offsets":[0,8]}'), /"dtype" twice/],
    ["an overlap", () => fileOf(`{"a":${tensor("U8", [5], [0, 5])},"b":${tensor("U8", [4], [4, 8])}}`, 8), /overlaps/],
    ["a hole", () => fileOf(`{"a":${tensor("U8", [3], [0, 3])},"b":${tensor("U8", [4], [4, 8])}}`, 8), /unused/],
    ["a hole at the start", () => one(tensor("U8", [7], [1, 8])), /unused/],
    ["trailing bytes", () => one(tensor("U8", [7], [0, 7])), /1 bytes follow/],
    ["data without tensors", () => fileOf("{}", 4), /4 bytes follow/],
    ["offsets past the end", () => one(tensor("U8", [9], [0, 9])), /after the end/],
    ["negative offsets", () => one(tensor("U8", [8], [-8, 0])), /data_offsets/],
    ["reversed offsets", () => one(tensor("U8", [8], [8, 0])), /before it begins/],
    ["three offsets", () => one(tensor("U8", [8], [0, 8, 8])), /two data_offsets/],
    ["offsets beyond 2^53", () => one(tensor("U8", [8], [0, 2 ** 60])), /data_offsets/],
    ["a shape that does not fit the bytes", () => one(tensor("F32", [3], [0, 8])), /needs 12 bytes but has 8/],
    ["a shape whose product wraps round", () => one(tensor("U8", [2 ** 33, 2 ** 33], [0, 8])), /73786976294838206464/],
    ["2000 dimensions", () => one(tensor("U8", Array(2000).fill(1), [0, 1]), 1), /2000 dimensions/],
    ["float dimensions", () => one(tensor("U8", [7.5], [0, 8])), /shape/],
    ["a shape of text", () => one(tensor("U8", "8", [0, 8])), /shape/],
    ["an unknown dtype", () => one(tensor("F8_E4M3", [8], [0, 8])), /"F8_E4M3"/],
    ["an inherited dtype name", () => one(tensor("toString", [8], [0, 8])), /"toString"/],
    ["a missing dtype", () => one(tensor(undefined, [8], [0, 8])), /undefined/],
    ["missing offsets", () => one(tensor("U8", [8], undefined)), /data_offsets/],
    ["a tensor that is null", () => one("null"), /object/],
    ["metadata of numbers", () => fileOf('{"__metadata__":{"a":1}}'), /not a string/],
    ["metadata that is no object", () => fileOf('{"__metadata__":"a"}'), /__metadata__/],
    ["a name of 513 characters", () => fileOf(`{"${"n".repeat(513)}":${tensor("U8", [0], [0, 0])}}`), /512/],
    [
      "50 001 tensors",
      () => fileOf(`{${Array.from({ length: 50_001 }, (_, i) => `"${i}":${tensor("U8", [0], [0, 0])}`)}}`),
      /50000/,
    ],
  ]
  for (const [name, make, message] of cases) {
    test(name, async () => {
      const path = make()
      await assert.rejects(openSafetensors(path), (error: unknown) => {
        assert.ok(error instanceof SafetensorsError, String(error))
        assert.match(error.message, message)
        assert.ok(error.message.startsWith(path) && error.message.length < 400 && error.message.endsWith("."))
        return true
      })
    })
  }
})

test("unusual but legitimate files are read", async () => {
  const entries = [
    `"b":${tensor("U8", [2], [1, 3])}`,
    `"__proto__":${tensor("U8", [], [0, 1])}`,
    `"constructor":${tensor("F32", [0, 5], [3, 3])}`,
    `"../../etc/x":{"dtype":"F32","shape":[1],"data_offsets":[3,7],"extra":[{"a":1},{"a":2}]}`,
    `"__metadata__":{"__proto__":"x","a\\"b":"{"}`,
  ]
  const file = await openSafetensors(fileOf(`{${entries.join(",")}}   `, 7))
  assert.deepEqual([...file.tensors.keys()], ["__proto__", "b", "constructor", "../../etc/x"])
  assert.deepEqual(Object.entries(file.metadata)[0], ["__proto__", "x"])
  assert.equal(Object.getPrototypeOf(file.metadata), null)
  assert.deepEqual((await readTensor(file, "b")).data, new Uint8Array([1, 1]))
  assert.equal((await readFloat32(file, "constructor")).length, 0)
  await assert.rejects(readTensor(file, "c"), /no tensor "c"/)
  await assert.rejects(readFloat32(file, "b"), /holds U8/)
})

const tensors: NamedTensor[] = [
  { name: "z.f32", dataType: "F32", shape: [2, 2], data: new Float32Array([1.5, -0, Number.NaN, 3e-40]) },
  { name: "a.bool", dataType: "BOOL", shape: [3], data: new Uint8Array([1, 0, 1]) },
  { name: "12", dataType: "F16", shape: [2], data: new Uint16Array([0x3c00, 0xc000]) },
  { name: "__proto__", dataType: "BF16", shape: [], data: new Uint16Array([0x3f80]) },
  { name: "f64", dataType: "F64", shape: [1], data: new Float64Array([Math.PI]) },
  { name: "i64", dataType: "I64", shape: [1, 2], data: new BigInt64Array([-1n, 2n ** 62n]) },
  { name: "view", dataType: "I32", shape: [2], data: new Int32Array([1, 2, 3, 4]).subarray(1, 3) },
  { name: "empty", dataType: "I16", shape: [0], data: new Int16Array() },
]

test("what is written is read back, in order, and the bytes are always the same", async () => {
  const path = join(folder, "round.safetensors")
  await writeSafetensors(path, tensors, { b: "2", a: 'ä"' })
  const first = await readFile(path)
  await writeSafetensors(path, tensors, { a: 'ä"', b: "2" })
  assert.deepEqual(await readFile(path), first)
  assert.equal(Number(first.readBigUInt64LE()) % 8, 0)
  const file = await openSafetensors(path)
  assert.deepEqual({ ...file.metadata }, { a: 'ä"', b: "2", format: "pt" })
  const read = await readTensors(path)
  assert.deepEqual(
    [...read.keys()],
    tensors.map((t) => t.name),
  )
  for (const { name, ...wanted } of tensors) assert.deepEqual(read.get(name), wanted)
  assert.deepEqual(await readFloat32(file, "12"), new Float32Array([1, -2]))
  assert.deepEqual(await readFloat32(file, "__proto__"), new Float32Array([1]))
  assert.deepEqual(await readFloat32(file, "f64"), new Float32Array([Math.PI]))
})

test("the path of a symbolic link is resolved", async () => {
  const path = fileOf("{}")
  symlinkSync(path, join(folder, "link"))
  assert.equal((await openSafetensors(join(folder, "link"))).path, realpathSync(path))
})

test("a failed write leaves the old file and no temporary file", async () => {
  const inner = mkdtempSync(join(folder, "full-"))
  const path = join(inner, "a.safetensors")
  await writeSafetensors(path, tensors)
  const wrong = { name: "a", dataType: "F32" as const, shape: [3], data: new Float32Array(2) }
  await assert.rejects(writeSafetensors(path, [wrong]), /needs 12 bytes but has 8/)
  await assert.rejects(writeSafetensors(path, [...tensors, ...tensors]), /"z.f32" is taken/)
  // The destination is a folder: the rename fails after everything was written.
  await assert.rejects(writeSafetensors(inner, tensors))
  assert.deepEqual(readdirSync(inner), ["a.safetensors"])
  assert.ok(readdirSync(folder).every((name) => !name.endsWith(".part")))
  assert.equal((await readTensors(path)).size, tensors.length)
})
