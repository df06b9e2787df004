import assert from "node:assert/strict"
import { test } from "node:test"
import { bulkEdits, undoEdits } from "./captionEdits.ts"

const images = [
  { id: "a", caption: "a photo of a toy" },
  { id: "b", caption: "" },
  { id: "c", caption: "A Toy (red), outside" },
]

test("finding and replacing takes the words literally and touches only what changes", () => {
  assert.deepEqual(bulkEdits(images, { kind: "replace", find: "toy", replace: "sks $& toy", matchCase: true }), [
    { imageId: "a", caption: "a photo of a sks $& toy" },
  ])
  assert.deepEqual(bulkEdits(images, { kind: "replace", find: "(RED)", replace: "(blue)", matchCase: false }), [
    { imageId: "c", caption: "A Toy (blue), outside" },
  ])
})

test("a prefix is set once however often it is asked for", () => {
  const edits = bulkEdits(images, { kind: "prefix", text: "sks" })
  assert.deepEqual(
    edits.map(({ caption }) => caption),
    ["sks a photo of a toy", "sks", "sks A Toy (red), outside"],
  )
  assert.deepEqual(
    bulkEdits(
      edits.map(({ imageId, caption }) => ({ id: imageId, caption })),
      { kind: "prefix", text: "sks" },
    ),
    [],
  )
})

test("a suffix that begins with a comma follows without a space", () => {
  assert.equal(
    bulkEdits(images, { kind: "suffix", text: ", studio light" })[0]?.caption,
    "a photo of a toy, studio light",
  )
})

test("every bulk change can be taken back exactly", () => {
  const edits = bulkEdits(images, { kind: "set", text: "a photo of sks toy" })
  assert.deepEqual(
    undoEdits(images, edits),
    images.map(({ id, caption }) => ({ imageId: id, caption })),
  )
})
