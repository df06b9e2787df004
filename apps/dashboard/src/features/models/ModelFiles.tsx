import { Download, FileClock } from "lucide-react"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { formatBytes } from "../../ui/format.ts"
import type { ModelDetail } from "./ModelPage.tsx"

export function ModelFiles({ model }: { model: ModelDetail }) {
  if (model.files.length === 0)
    return (
      <EmptyState icon={<FileClock />} title="No files yet">
        A worker is writing them; they appear here when they are whole.
      </EmptyState>
    )
  return (
    <ul className="overflow-hidden rounded-2xl border border-border bg-surface shadow-surface">
      {model.files.map((file) => (
        <li
          key={file.path}
          className="flex items-center gap-4 border-separator border-t px-5 py-2.5 text-sm first:border-t-0"
        >
          <span className="min-w-0 flex-1 truncate font-mono text-xs">{file.path}</span>
          <span className="text-muted tabular-nums">{formatBytes(file.byteSize)}</span>
          <a
            href={`${file.url}${file.url.includes("?") ? "&" : "?"}download=${encodeURIComponent(file.path.split("/").at(-1) ?? file.path)}`}
            aria-label={`Download ${file.path}`}
            className="button button--ghost button--sm button--icon-only"
          >
            <Download />
          </a>
        </li>
      ))}
    </ul>
  )
}
