/** Memory that ran out, in words, with what needs less of it. */

import type { Job } from "./job.ts"

const needsLess: { readonly [Kind in Job["kind"]]: string } = {
  train: "set memory_mode: recompute, use_8bit_adam: true or a lower resolution, then resume",
  promote: "close other programs, then try again",
  generate: "choose a smaller width and height, or close other programs, then try again",
  convert: "close other programs, then try again",
}

/** How the system, the C library, V8 and ONNX Runtime call it. */
const words = /bad_alloc|cannot allocate memory|failed to allocate|allocation failed|out of memory|ENOMEM/i

/** What the system ends a process with, and what it ends itself with: V8 by SIGTRAP, the C++ library by SIGABRT. */
const signals: ReadonlySet<NodeJS.Signals | null> = new Set(["SIGKILL", "SIGABRT", "SIGTRAP"])

/** The sentence for a job that failed with `message`, where memory was the cause; else the message. */
export function withMemoryAdvice(message: string, kind: Job["kind"]): string {
  if (!words.test(message)) return message
  return `Memory ran out (${message.trim().replaceAll(/\s+/g, " ")}); ${needsLess[kind]}.`
}

/** The sentence for a job whose process was ended by `signal`; undefined where memory is not the usual reason. */
export function killedForMemory(signal: NodeJS.Signals | null, kind: Job["kind"]): string | undefined {
  if (!signals.has(signal)) return undefined
  return `The compute process was ended by ${signal}, most often because memory ran out; ${needsLess[kind]}.`
}
