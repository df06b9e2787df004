/** What becomes of files on their way into a data set: a pure list of states, and the sending of one file. */

export type UploadItem = {
  key: string
  name: string
  byteSize: number
  /** 0 to 1. */
  progress: number
  state: "waiting" | "sending" | "stored" | "refused"
  problem?: string
}

export type UploadChange =
  | { type: "added"; items: readonly UploadItem[] }
  | { type: "changed"; key: string; change: Partial<Omit<UploadItem, "key">> }
  /** Taken off the list, because they are sent again. */
  | { type: "dropped"; keys: ReadonlySet<string> }
  | { type: "cleared" }

export function uploadReducer(items: readonly UploadItem[], change: UploadChange): readonly UploadItem[] {
  switch (change.type) {
    case "added":
      return [...items.filter((item) => item.state !== "stored"), ...change.items]
    case "changed":
      return items.map((item) => (item.key === change.key ? { ...item, ...change.change } : item))
    case "dropped":
      return items.filter((item) => !change.keys.has(item.key))
    case "cleared":
      return items.filter((item) => item.state === "waiting" || item.state === "sending")
  }
}

const imageTypes = new Set([
  "image/png",
  "image/jpeg",
  "image/webp",
  "image/avif",
  "image/gif",
  "application/zip",
  "application/x-zip-compressed",
])
const imageEndings = /\.(png|jpe?g|webp|avif|gif|zip|txt|csv|jsonl)$/i

/** @returns why a file cannot be a picture of a data set, before a byte of it is sent. */
export function refuseEarly(file: { name: string; type: string; size: number }): string | undefined {
  if (file.size === 0) return "It is empty."
  if (/\.hei[cf]$/i.test(file.name))
    return "HEIC pictures cannot be read; export it as JPEG, or set the phone's camera to the most compatible format."
  if (imageTypes.has(file.type) || imageEndings.test(file.name)) return undefined
  return "It is neither a picture (PNG, JPEG, WebP, AVIF, GIF) nor a ZIP of pictures."
}

/** `skipped` are members of an archive that are no pictures; `contents` is what a model's file is. */
export type Sent =
  | {
      stored: true
      images: readonly { id: string }[]
      skipped: readonly { name: string; problem: string }[]
      contents?: { kind: string } | undefined
    }
  /** `broken`: the connection failed, not the file. */
  | { stored: false; problem: string; broken?: true }

/** Sends one file to its signed address. XMLHttpRequest, because fetch does not tell how far an upload is. */
export function sendFile(file: File, url: string, onProgress: (share: number) => void): Promise<Sent> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open("PUT", url)
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total)
    const broken = () => resolve({ stored: false, problem: "The connection broke.", broken: true })
    request.onerror = broken
    request.onload = () =>
      import("./uploadAnswer.ts").then(
        ({ readAnswer }) => resolve(readAnswer(request.status, request.responseText)),
        broken,
      )
    request.send(file)
  })
}
