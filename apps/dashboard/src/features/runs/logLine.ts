/** One event as a line of the log. */

export type LogLine = { text: string; tone: "plain" | "warning" | "danger" }

export function logLine(type: string, data: unknown): LogLine {
  const fields: Record<string, unknown> = typeof data === "object" && data !== null ? { ...data } : {}
  const word = (name: string) => (typeof fields[name] === "string" ? fields[name] : "")
  if (type === "Message") return { text: word("text"), tone: fields.level === "warning" ? "warning" : "plain" }
  if (type === "StatusChanged") {
    const status = word("status") || word("to")
    return { text: `The run is now ${status.toLowerCase()}.`, tone: status === "FAILED" ? "danger" : "plain" }
  }
  return { text: type, tone: "plain" }
}
