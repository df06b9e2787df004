"use client"

import { useApolloClient } from "@apollo/client/react"
import { useEffect, useReducer, useRef } from "react"
import { RequestUploadsDocument } from "../../graphql/generated/graphql.ts"
import { refuseEarly, sendFile, type UploadItem, uploadReducer } from "./uploadQueue.ts"

/** Addresses asked for at once. */
const batchSize = 20
/** Files on the wire at once. */
const lanes = 3

/** Captions: they change pictures that are there already. */
const sidecar = /\.(txt|csv|jsonl)$/i

/**
 * Sends files into a data set, some at a time, and says how each one fares.
 * @param onArrived some were stored; `captions` tells that pictures may have changed that were there before
 */
export function useUploads(datasetId: string, onArrived: (captions: boolean) => Promise<unknown>) {
  const client = useApolloClient()
  const [items, change] = useReducer(uploadReducer, [])
  const arrived = useRef(onArrived)
  arrived.current = onArrived
  const nextKey = useRef(0)
  /** Files that were refused for no fault of theirs, by key. */
  const again = useRef(new Map<string, File>())
  const refusedItem = ({ name, problem }: { name: string; problem: string }): UploadItem => ({
    key: `upload-${nextKey.current++}`,
    name,
    byteSize: 0,
    progress: 0,
    state: "refused",
    problem,
  })
  const send = async (files: readonly File[]) => {
    // Browsers hand files over in any order; robot-2 comes before robot-10.
    const byName = new Intl.Collator("en", { numeric: true })
    const sorted = files.toSorted((a, b) => byName.compare(a.name, b.name))
    const queued = sorted.map((file) => {
      const problem = refuseEarly(file)
      const item: UploadItem = {
        key: `upload-${nextKey.current++}`,
        name: file.name,
        byteSize: file.size,
        progress: 0,
        state: problem === undefined ? "waiting" : "refused",
        ...(problem === undefined ? {} : { problem }),
      }
      return { file, item }
    })
    change({ type: "added", items: queued.map(({ item }) => item) })
    const wanted = queued.filter(({ item }) => item.state === "waiting")
    for (let start = 0; start < wanted.length; start += batchSize) {
      const batch = wanted.slice(start, start + batchSize)
      const answer = await client
        .mutate({
          mutation: RequestUploadsDocument,
          variables: { datasetId, files: batch.map(({ file }) => ({ name: file.name, byteSize: file.size })) },
        })
        .then(({ data }) => data?.requestUploads)
        .catch(() => undefined)
      if (answer === undefined || !("data" in answer)) {
        const problem = answer?.message ?? "The server did not answer."
        for (const { item, file } of batch) {
          change({ type: "changed", key: item.key, change: { state: "refused", problem } })
          if (answer === undefined) again.current.set(item.key, file)
        }
        continue
      }
      const pending = batch.map((one, index) => ({ ...one, url: answer.data[index]?.url }))
      const lane = async () => {
        for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
          const { file, item, url } = next
          if (url === undefined) continue
          const tell = (part: Partial<UploadItem>) => change({ type: "changed", key: item.key, change: part })
          tell({ state: "sending" })
          const sent = await sendFile(file, url, (progress) => tell({ progress }))
          if (sent.stored && sent.skipped.length > 0)
            change({ type: "added", items: sent.skipped.map((skipped) => refusedItem(skipped)) })
          tell(sent.stored ? { state: "stored", progress: 1 } : { state: "refused", problem: sent.problem })
          if (!sent.stored && sent.broken) again.current.set(item.key, file)
        }
      }
      await Promise.all(Array.from({ length: lanes }, lane))
      await arrived.current(batch.some(({ file }) => sidecar.test(file.name)))
    }
  }

  const busy = items.some(({ state }) => state === "waiting" || state === "sending")
  useEffect(() => {
    if (!busy) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener("beforeunload", warn)
    return () => window.removeEventListener("beforeunload", warn)
  }, [busy])

  return {
    items,
    send,
    clear: () => change({ type: "cleared" }),
    /** Sends once more what the connection lost; undefined where nothing was. */
    retry: items.some(({ key, state }) => state === "refused" && again.current.has(key))
      ? () => {
          const files = [...again.current.values()]
          change({ type: "dropped", keys: new Set(again.current.keys()) })
          again.current.clear()
          void send(files)
        }
      : undefined,
  }
}
