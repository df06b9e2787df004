import assert from "node:assert/strict"
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, it } from "node:test"
import sharp from "sharp"
import { findImages } from "./findImages.ts"

let folder = ""
let outside = ""
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "fjord-images-"))
  outside = await mkdtemp(join(tmpdir(), "fjord-outside-"))
  const jpeg = await sharp({ create: { width: 300, height: 260, channels: 3, background: "#246" } })
    .jpeg()
    .toBuffer()
  for (const name of ["b.jpg", "B.JPG", "a.jpeg", "\u{1f436}.jpg", "\uff41.jpg", "10.jpg", "9.jpg", ".hidden.jpg"]) {
    await writeFile(join(folder, name), jpeg)
  }
  await mkdir(join(folder, "sub"))
  await writeFile(join(folder, "sub", "c.jpg"), jpeg)
  await writeFile(join(outside, "blob"), jpeg)
  await symlink(join(outside, "blob"), join(folder, "link.jpg"))
  await symlink(outside, join(folder, "folder.jpg"))
  await symlink(join(outside, "gone"), join(folder, "nowhere.jpg"))
  await writeFile(join(folder, "page.png"), "<html></html>")
  await writeFile(join(folder, "notes.md"), "not a picture")
  await writeFile(join(folder, "a.txt"), "\ufeffa photo of sks dog\n")
  const rows = [
    { file_name: "a.jpeg", text: "from metadata" },
    { file_name: "b.jpg", text: "a fjord" },
    { file_name: "../etc/passwd.jpg", text: "x" },
    { file_name: "/etc/x.jpg", text: "x" },
    { file_name: "gone.jpg", text: "x" },
  ]
  await writeFile(join(folder, "metadata.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"))
  await writeFile(join(folder, "metadata.csv"), 'file_name,text\r\n9.jpg,"nine, ""quoted"""\r\n10.jpg,\r\n')
})
after(async () => {
  await rm(folder, { recursive: true })
  await rm(outside, { recursive: true })
})

it("lists pictures, links among them, in code-point order with their captions, sidecar before metadata", async () => {
  const { usable } = await findImages(folder)
  assert.deepEqual(
    usable.map(({ file, caption }) => [file, caption]),
    [
      ["10.jpg", undefined],
      ["9.jpg", 'nine, "quoted"'],
      ["B.JPG", undefined],
      ["a.jpeg", "a photo of sks dog"],
      ["b.jpg", "a fjord"],
      ["link.jpg", undefined],
      ["\uff41.jpg", undefined],
      ["\u{1f436}.jpg", undefined],
    ],
  )
  assert.deepEqual([usable[0]?.width, usable[0]?.height], [300, 260])
})

it("refuses what is no picture, no plain file or missing, each with its reason", async () => {
  const { refused } = await findImages(folder)
  const reasons = refused.map(({ file, reason }) => `${file}: ${reason}`).join("\n")
  assert.match(reasons, /page\.png: page\.png is a web page/)
  assert.match(reasons, /folder\.jpg: folder\.jpg is no plain file/)
  assert.match(reasons, /nowhere\.jpg: nowhere\.jpg is a link that leads nowhere/)
  assert.match(reasons, /metadata\.jsonl: .*"\.\.\/etc\/passwd\.jpg"/)
  assert.match(reasons, /metadata\.jsonl: .*"\/etc\/x\.jpg"/)
  assert.match(reasons, /gone\.jpg: .*not in the folder/)
  assert.equal(refused.length, 6)
})

it("goes on without a metadata file that is damaged", async () => {
  const other = await mkdtemp(join(tmpdir(), "fjord-images-"))
  await writeFile(join(other, "metadata.jsonl"), "{broken")
  await writeFile(join(other, "metadata.csv"), 'file_name,text\na.jpg,"open')
  const { usable, refused } = await findImages(other)
  assert.deepEqual([usable.length, refused.length], [0, 2])
  assert.match(refused[0]?.reason ?? "", /line 1 is not JSON/)
  assert.match(refused[1]?.reason ?? "", /quotes do not match/)
  await rm(other, { recursive: true })
  await assert.rejects(findImages(other), /cannot be listed/)
})
