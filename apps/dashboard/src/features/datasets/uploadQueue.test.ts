import assert from "node:assert/strict"
import { test } from "node:test"
import { readAnswer } from "./uploadAnswer.ts"
import { refuseEarly, type UploadItem, uploadReducer } from "./uploadQueue.ts"

const item = (key: string, state: UploadItem["state"]): UploadItem => ({
  key,
  name: key,
  byteSize: 1,
  progress: 0,
  state,
})

test("what was refused stays visible until somebody clears it; what is on its way is never lost", () => {
  const items = [item("a", "stored"), item("b", "refused"), item("c", "sending")]
  assert.deepEqual(
    uploadReducer(items, { type: "added", items: [item("d", "waiting")] }).map(({ key }) => key),
    ["b", "c", "d"],
  )
  assert.deepEqual(
    uploadReducer(items, { type: "cleared" }).map(({ key }) => key),
    ["c"],
  )
})

test("a file that cannot be a picture is refused before it is sent, in plain words", () => {
  assert.equal(refuseEarly({ name: "a.JPG", type: "", size: 3 }), undefined)
  assert.equal(refuseEarly({ name: "pictures.zip", type: "application/zip", size: 3 }), undefined)
  assert.match(refuseEarly({ name: "a.mp4", type: "video/mp4", size: 3 }) ?? "", /neither a picture/)
  assert.match(refuseEarly({ name: "a.png", type: "image/png", size: 0 }) ?? "", /empty/)
})

test("the server's reason reaches the person whatever the status", () => {
  assert.deepEqual(readAnswer(200, '{"images":[{"id":"i"}]}'), { stored: true, images: [{ id: "i" }], skipped: [] })
  assert.deepEqual(readAnswer(200, '{"problem":"Too small."}'), { stored: false, problem: "Too small." })
  assert.deepEqual(readAnswer(413, "<html>"), { stored: false, problem: "The server refused it with status 413." })
})
