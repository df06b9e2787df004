/** Types of the events that have a line in the log. */
export const logTypes = [
  "Message",
  "StatusChanged",
  "RunStarted",
  "MemoryEstimated",
  "CheckpointSaved",
  "RunFinished",
] as const
export type LogType = (typeof logTypes)[number]

export const hasLine = (type: string): type is LogType => (logTypes as readonly string[]).includes(type)
