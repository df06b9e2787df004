/** Every file of a drop, folders included. */

/** `name`: of the folder or the archive that was dropped alone. */
export type Dropped = { files: File[]; name?: string }

export async function droppedFiles(transfer: DataTransfer): Promise<Dropped> {
  // Entries must be taken before the first await: the transfer is emptied after the event.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  if (entries.length === 0) return { files: [...transfer.files] }
  const files: File[] = []
  for (const entry of entries) await collect(entry, files)
  const [only, ...others] = entries
  const whole = only !== undefined && others.length === 0 && (only.isDirectory || /\.zip$/i.test(only.name))
  return {
    files: files.filter((file) => !file.name.startsWith(".")),
    ...(whole && { name: only.name.replace(/\.zip$/i, "") }),
  }
}

async function collect(entry: FileSystemEntry, into: File[]): Promise<void> {
  if (isFile(entry)) {
    into.push(await new Promise<File>((resolve, reject) => entry.file(resolve, reject)))
    return
  }
  if (!isDirectory(entry)) return
  const reader = entry.createReader()
  // A reader gives a hundred at a time; an empty answer ends it.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) return
    for (const child of batch) await collect(child, into)
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
