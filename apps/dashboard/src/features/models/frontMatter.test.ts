import assert from "node:assert/strict"
import { test } from "node:test"
import {
  headProblem,
  joinCard,
  readGallery,
  readKey,
  splitAtGallery,
  splitCard,
  withGalleryMark,
  writeGallery,
  writeKey,
} from "./frontMatter.ts"

const card =
  "---\nlicense: openrail++ # as the base\ntags:\n  - lora\n  - toy\nwidget:\n  - text: a photo\n---\n# Toy\n\ntext\n---\nrule\n"

test("a card is taken apart and put together to the same bytes", () => {
  const { head, body } = splitCard(card)
  assert.equal(body, "# Toy\n\ntext\n---\nrule\n")
  assert.equal(joinCard({ head, body }), card)
  assert.deepEqual(splitCard("# no head"), { head: "", body: "# no head" })
  assert.equal(joinCard({ head: "", body: "x" }), "x")
})

test("changing one key leaves comments and unknown keys alone", () => {
  const head = writeKey(splitCard(card).head, "tags", "lora, robot", true)
  assert.match(head, /license: openrail\+\+ # as the base/)
  assert.match(head, /widget:\n {2}- text: a photo/)
  assert.equal(readKey(head, "tags"), "lora, robot")
  assert.equal(readKey(writeKey(head, "license", "", false), "license"), "")
})

test("an empty head can be begun, and emptied again", () => {
  assert.equal(writeKey("", "license", "mit", false), "license: mit")
  assert.equal(writeKey("license: mit", "license", "", false), "")
})

test("a head that is no YAML is said to be none", () => {
  assert.match(headProblem("a: [1") ?? "", /\w/)
  assert.match(headProblem("just words") ?? "", /key: value/)
  assert.equal(headProblem("a: 1"), undefined)
})

test("the gallery is the entries of widget with a picture; what else an entry says stays", () => {
  const head = [
    "license: mit # as the base",
    "widget:",
    "  - text: a boat",
    "    parameters: { negative_prompt: rain }",
    "    output: { url: images/1.png }",
    "  - text: no picture",
  ].join("\n")
  assert.deepEqual(readGallery(head), [{ text: "a boat", url: "images/1.png" }])
  const more = writeGallery(head, [
    { text: "two: dots", url: "images/2.png" },
    { text: "a red boat", url: "images/1.png" },
  ])
  assert.deepEqual(readGallery(more), [
    { text: "two: dots", url: "images/2.png" },
    { text: "a red boat", url: "images/1.png" },
  ])
  assert.match(more, /negative_prompt: rain/)
  assert.match(more, /license: mit # as the base/)
  assert.equal(writeGallery("license: mit", []), "license: mit")
  assert.deepEqual(readGallery(writeGallery("", [{ text: "a", url: "b.png" }])), [{ text: "a", url: "b.png" }])
})

test("the gallery stands where its mark is, and under the title where there was none", () => {
  assert.deepEqual(splitAtGallery("# A\n\n<Gallery />\n\ntext"), ["# A\n\n", "\n\ntext"])
  assert.deepEqual(splitAtGallery("the tag `<Gallery />` in a line"), ["the tag `<Gallery />` in a line"])
  assert.equal(withGalleryMark("# A\n\ntext"), "# A\n\n<Gallery />\n\n\ntext")
  assert.equal(withGalleryMark("<Gallery />"), "<Gallery />")
})
