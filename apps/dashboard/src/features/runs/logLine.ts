/** Events as lines of the log. */

import { formatBytes, formatNumber } from "../../ui/format.ts"
import { hasLine, type LogType } from "./logTypes.ts"

export type LogLine = { text: string; tone: "plain" | "warning" | "danger" }

type Fields = {
  readonly word: (name: string) => string
  readonly number: (name: string) => number
  readonly raw: Record<string, unknown>
}

const words: Readonly<Record<string, string>> = {
  QUEUED: "The run waits for a worker",
  RUNNING: "A worker has taken the run",
  SUCCEEDED: "The run has succeeded",
  FAILED: "The run has failed",
  CANCELLED: "The run was stopped",
}

const plain = (text: string): LogLine => ({ text, tone: "plain" })

const logLines: Readonly<Record<LogType, (fields: Fields) => LogLine>> = {
  Message: ({ word }) => ({ text: word("text"), tone: word("level") === "warning" ? "warning" : "plain" }),
  StatusChanged: ({ word, raw }) => {
    const status = word("status")
    const failure =
      typeof raw.failure === "object" && raw.failure !== null && "message" in raw.failure
        ? String(raw.failure.message)
        : ""
    const what = [
      words[status] ?? `The run is ${status.toLowerCase()}`,
      word("workerName") && `(${word("workerName")})`,
    ]
      .filter(Boolean)
      .join(" ")
    return {
      text: [what, failure || word("reason")].filter(Boolean).join(": "),
      tone: status === "FAILED" ? "danger" : word("reason") !== "" ? "warning" : "plain",
    }
  },
  RunStarted: ({ number, raw }) =>
    plain(
      typeof raw.resumedFrom === "number"
        ? `The run goes on from step ${formatNumber(raw.resumedFrom)} of ${formatNumber(number("steps"))}`
        : `The run begins: ${formatNumber(number("steps"))} steps`,
    ),
  MemoryEstimated: ({ number, word }) =>
    plain(
      `It will need about ${formatBytes(number("estimateBytes"))} of memory; activations are ${word("mode") === "save" ? "kept" : "computed again"}`,
    ),
  CheckpointSaved: ({ number }) => plain(`Step ${formatNumber(number("step"))} is saved`),
  RunFinished: ({ number }) => plain(`The model is written; memory peaked at ${formatBytes(number("peakBytes"))}`),
}

export function logLine(type: string, data: unknown): LogLine {
  const raw: Record<string, unknown> = typeof data === "object" && data !== null ? { ...data } : {}
  const word = (name: string) => (typeof raw[name] === "string" ? raw[name] : "")
  const number = (name: string) => (typeof raw[name] === "number" ? raw[name] : 0)
  return hasLine(type) ? logLines[type]({ word, number, raw }) : plain(type)
}
