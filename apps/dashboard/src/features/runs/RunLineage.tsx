/** Where a run comes from and what came out of it, in links. */

import type { ReactNode } from "react"
import { Link } from "../../ui/Link.tsx"
import type { RunPageRun } from "./useRunFollow.ts"

const To = ({ href, children }: { href: string; children: ReactNode }) => (
  <Link
    href={href}
    className="rounded underline decoration-border underline-offset-2 hover:text-foreground hover:decoration-current"
  >
    {children}
  </Link>
)

export function RunLineage({ run }: { run: RunPageRun }) {
  const { id, datasetVersion, baseModel, parent, models, checkpoints } = run
  return (
    <span className="facts">
      {datasetVersion !== null && (
        <span>
          <To href={`/datasets/${datasetVersion.dataset.id}`}>{datasetVersion.dataset.name}</To>, version{" "}
          {datasetVersion.number} ({datasetVersion.imageCount} pictures)
        </span>
      )}
      {baseModel !== null && (
        <span>
          on <To href={`/base-models/${baseModel.id}`}>{baseModel.name}</To>
        </span>
      )}
      {parent !== null && (
        <span>
          again after <To href={`/runs/${parent.id}`}>{parent.name}</To>
        </span>
      )}
      {models.length > 0 && (
        <span>
          became{" "}
          {models.map((model, index) => (
            <span key={model.id}>
              {index > 0 && ", "}
              <To href={`/models/${model.id}`}>{model.name}</To>
            </span>
          ))}
        </span>
      )}
      {(models.length > 0 || checkpoints.length > 0) && (
        <span>
          <To href={`/runs/${id}/images`}>images drawn with it</To>
        </span>
      )}
    </span>
  )
}
