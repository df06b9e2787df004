/** One request to the stand-in and the answers that its parts give. */

import type { IncomingMessage, ServerResponse } from "node:http"

export type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly method: string
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const value: unknown = JSON.parse((await readBody(request)).toString("utf8"))
  return value instanceof Object ? { ...value } : {}
}

export function sendJson({ response }: Exchange, body: unknown, status = 200, headers: Record<string, string> = {}) {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "x-request-id": "stand-in",
    ...headers,
  })
  response.end(text)
}

export function sendError(exchange: Exchange, status: number, message: string, code?: string, extra: object = {}) {
  const headers = { "x-error-message": message, ...(code === undefined ? {} : { "x-error-code": code }) }
  sendJson(exchange, { error: message, ...extra }, status, headers)
}

/** `bytes=a-b` of a file of this size; "bad" where it lies outside. */
export function rangeOf(header: string | undefined, size: number): { start: number; end: number } | "bad" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "")
  if (match === null) return undefined
  const [, first = "", last = ""] = match
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1)
  return start > end || start >= size ? "bad" : { start, end }
}
