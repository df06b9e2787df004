"use client"

/** A base model and everything that came of it: runs, models, images. */

import { useQuery } from "@apollo/client/react"
import { Play, Sparkles } from "lucide-react"
import { BaseModelPageDocument, type BaseModelPageQuery } from "../../graphql/generated/graphql.ts"
import { LinkButton } from "../../ui/Button.tsx"
import { formatBytes, formatTime } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { Notice } from "../../ui/Notice.tsx"
import { Page } from "../../ui/Page.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { DrawnImages } from "../generate/DrawnImages.tsx"
import { StatusBadge } from "../runs/StatusBadge.tsx"
import { Missing } from "../shell/Missing.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { kindNames } from "./modelKind.ts"

export function BaseModelPage({ id }: { id: string }) {
  const query = useQuery(BaseModelPageDocument, { variables: { id }, fetchPolicy: "cache-and-network" })
  return (
    <QueryState query={query} skeleton={<Skeleton className="m-8 h-96" />}>
      {({ baseModel }) =>
        baseModel === null ? (
          <Missing what="base model" href="/settings#base-models" all="All base models" />
        ) : (
          <Content base={baseModel} />
        )
      }
    </QueryState>
  )
}

type BaseModel = NonNullable<BaseModelPageQuery["baseModel"]>

function Content({ base }: { base: BaseModel }) {
  return (
    <Page
      title={base.name}
      hint={[
        base.location,
        base.revision && `revision ${base.revision.slice(0, 10)}`,
        base.family !== base.location && base.family,
        base.resolution && `${base.resolution} px`,
        base.byteSize && formatBytes(base.byteSize),
        base.licence,
        formatTime(base.createdAt),
      ]
        .filter(Boolean)
        .join(" · ")}
      crumbs={[{ label: "Base models", href: "/settings#base-models" }, { label: base.name }]}
      actions={
        base.ready && (
          <>
            <LinkButton href={`/generate?base=${base.id}`}>
              <Sparkles /> Generate
            </LinkButton>
            <LinkButton variant="primary" href={`/runs/new?model=${base.id}`}>
              <Play /> Train on it
            </LinkButton>
          </>
        )
      }
    >
      {base.problem !== null && (
        <Notice tone="warning" title="It cannot be used yet">
          {base.problem}
        </Notice>
      )}
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Panel title="Runs that started from it">
          {base.runs.length === 0 && <p className="text-muted text-sm">None yet.</p>}
          <ul className="flex flex-col gap-2 text-sm">
            {base.runs.map((run) => (
              <li key={run.id} className="flex items-center gap-3">
                <Link href={`/runs/${run.id}`} className="min-w-0 flex-1 truncate hover:underline">
                  {run.name}
                </Link>
                <StatusBadge status={run.status} />
              </li>
            ))}
          </ul>
        </Panel>
        <Panel title="Models made of it">
          {base.models.length === 0 && <p className="text-muted text-sm">None yet.</p>}
          <ul className="flex flex-col gap-2 text-sm">
            {base.models.map((model) => (
              <li key={model.id} className="flex items-center gap-3">
                <Link href={`/models/${model.id}`} className="min-w-0 flex-1 truncate hover:underline">
                  {model.name}
                </Link>
                <span className="chip chip--default">{kindNames[model.kind]}</span>
              </li>
            ))}
          </ul>
        </Panel>
      </div>
      <Panel title="Images" hint="Drawn by it, alone or under what was trained on it.">
        <DrawnImages by={{ baseModelId: base.id }} generateHref={`/generate?base=${base.id}`} />
      </Panel>
    </Page>
  )
}
