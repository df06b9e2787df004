/** What was made from this data set: its subjects, its versions and the runs that used them. */

import { count, formatTime } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { StatusBadge } from "../runs/StatusBadge.tsx"
import type { DatasetDetail } from "./DatasetPage.tsx"

export function DatasetLineage({ dataset }: { dataset: DatasetDetail }) {
  return (
    <div className="flex flex-col gap-5">
      <Panel title="Subjects">
        {dataset.concepts.length === 0 ? (
          <p className="text-muted text-sm">
            Name the subject when you start a run: a rare word such as <i>sks</i>, and what it is, such as <i>toy</i>.
          </p>
        ) : (
          <ul className="flex flex-col gap-2 text-sm">
            {dataset.concepts.map((concept) => (
              <li key={concept.id}>
                <Link href={`/runs/new?concept=${concept.id}`} className="font-medium hover:underline">
                  {concept.name}
                </Link>
                <p className="text-muted">
                  a photo of {concept.identifier} {concept.classNoun}
                </p>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel title="Used by">
        {dataset.versions.length === 0 ? (
          <p className="text-muted text-sm">
            No run yet. Each run keeps the pictures and captions as they were when it started.
          </p>
        ) : (
          <ul className="flex flex-col gap-3 text-sm">
            {dataset.versions.map((version) => (
              <li key={version.id}>
                <p className="text-muted text-xs">
                  Version {version.number} · {count(version.imageCount, "picture")} · {formatTime(version.createdAt)}
                </p>
                {version.runs.map((run) => (
                  <Link key={run.id} href={`/runs/${run.id}`} className="mt-1 flex items-center gap-2 hover:underline">
                    <span className="min-w-0 flex-1 truncate">{run.name}</span>
                    <StatusBadge status={run.status} />
                  </Link>
                ))}
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </div>
  )
}
