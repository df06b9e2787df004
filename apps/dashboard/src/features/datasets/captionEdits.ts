/** Changes to many captions at once, as pure functions; each tells only what really changes, so that it can be undone. */

export type Captioned = { id: string; caption: string }
export type CaptionEdit = { imageId: string; caption: string }

export type BulkChange =
  | { kind: "replace"; find: string; replace: string; matchCase: boolean }
  | { kind: "prefix"; text: string }
  | { kind: "suffix"; text: string }
  | { kind: "set"; text: string }

export function bulkEdits(images: readonly Captioned[], change: BulkChange): CaptionEdit[] {
  return images.flatMap(({ id, caption }) => {
    const next = changed(caption, change).trim()
    return next === caption ? [] : [{ imageId: id, caption: next }]
  })
}

function changed(caption: string, change: BulkChange): string {
  switch (change.kind) {
    case "replace": {
      if (change.find === "") return caption
      const literal = change.find.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
      return caption.replace(new RegExp(literal, change.matchCase ? "g" : "gi"), () => change.replace)
    }
    case "prefix":
      return caption.startsWith(change.text) ? caption : join(change.text, caption)
    case "suffix":
      return caption.endsWith(change.text) ? caption : join(caption, change.text)
    case "set":
      return change.text
  }
}

/** With one space between, unless a comma or a space is there already. */
const join = (left: string, right: string) =>
  left === "" || right === "" || /\s$/.test(left) || /^[\s,.]/.test(right) ? left + right : `${left} ${right}`

/** The edits that take `edits` back. */
export function undoEdits(images: readonly Captioned[], edits: readonly CaptionEdit[]): CaptionEdit[] {
  const before = new Map(images.map((image) => [image.id, image.caption]))
  return edits.flatMap(({ imageId }) => {
    const caption = before.get(imageId)
    return caption === undefined ? [] : [{ imageId, caption }]
  })
}
