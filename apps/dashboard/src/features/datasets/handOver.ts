/** Files on their way from the page where they were dropped to the page of the data set that was made for them. */

const waiting = new Map<string, File[]>()

export function handOver(datasetId: string, files: File[]) {
  waiting.set(datasetId, files)
}

/** @returns the files once; none afterwards. */
export function takeHandedOver(datasetId: string): File[] {
  const files = waiting.get(datasetId) ?? []
  waiting.delete(datasetId)
  return files
}
