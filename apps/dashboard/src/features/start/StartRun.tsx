"use client"

/** Subject → Look → Check: everything needed to start a run, with the forecast beside it all the time. */

import { useQuery } from "@apollo/client/react"
import { useSearchParams } from "next/navigation"
import { useState } from "react"
import { CloneRunDocument, type CloneRunQuery, StartRunDocument } from "../../graphql/generated/graphql.ts"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { runOptions } from "../runs/runOptions.ts"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { adoptable, type Draft, emptyDraft } from "./draft.ts"
import { StartForm } from "./StartForm.tsx"
import { defaultsOf, type StartData, suiting } from "./startData.ts"

export function StartRun() {
  const { team } = useSession()
  const parameters = useSearchParams()
  const from = parameters.get("from")
  const query = useQuery(StartRunDocument, { variables: { teamId: team.id }, fetchPolicy: "cache-and-network" })
  const clone = useQuery(CloneRunDocument, { variables: { id: from ?? "" }, skip: from === null })
  const waiting = from !== null && clone.data === undefined && clone.error === undefined
  return (
    <QueryState query={query} skeleton={<Skeleton className="m-8 h-96" />}>
      {(data) => {
        if (waiting) return <Skeleton className="m-8 h-96" />
        return (
          <BeginRun
            key={parameters.toString()}
            data={data}
            run={clone.data?.trainingRun ?? undefined}
            onMore={query.fetchMore}
          />
        )
      }}
    </QueryState>
  )
}

type BeginRunProps = {
  data: StartData
  /** The run whose settings are taken over. */
  run: NonNullable<CloneRunQuery["trainingRun"]> | undefined
  onMore: (options: { variables: { after: string | null } }) => unknown
}

/** Decides once what the form begins with. */
function BeginRun({ data, run, onMore }: BeginRunProps) {
  const parameters = useSearchParams()
  const [first] = useState(() => {
    const wish = (name: string) => parameters.get(name)
    return firstDraft(data, {
      dataset: wish("dataset"),
      concept: wish("concept"),
      model: wish("model"),
      resolution: wish("resolution"),
      run,
    })
  })
  return <StartForm data={data} first={first} occasion={parameters.toString()} clonedFrom={run?.name} onMore={onMore} />
}

type Wishes = {
  dataset: string | null
  concept: string | null
  model: string | null
  resolution: string | null
  run: BeginRunProps["run"]
}

/** What belongs to this run alone and is chosen anew. */
const notAdopted = new Set(["model", "instanceImages", "output", "classImages"])

/** Everything that can be known before anybody has typed: the address's wishes, the only model, the earlier run. */
function firstDraft(data: StartData, wishes: Wishes): Draft {
  const { run } = wishes
  const concepts = data.concepts.edges.map(({ node }) => node)
  const concept =
    run?.concept ??
    concepts.find((one) => one.id === wishes.concept || (wishes.dataset !== null && one.dataset?.id === wishes.dataset))
  const listed = concepts.find((one) => one.id === concept?.id)
  const models = data.baseModels.edges.map(({ node }) => node)
  const model =
    models.find((one) => one.id === (run?.baseModel?.id ?? wishes.model)) ??
    models.find((one) => one.ready) ??
    models[0]
  const names = new Set(data.trainingOptions.map((option) => option.name).filter((name) => !notAdopted.has(name)))
  const config = runOptions(run?.config)
  const suits = suiting(data, { baseModelId: model?.id, options: config })
  const options = adoptable(config, names, { ...defaultsOf(data), ...suits })
  const side = wishes.resolution === null ? (model?.resolution ?? undefined) : Number(wishes.resolution)
  const small = side !== undefined && Number.isInteger(side) && run === undefined ? { resolution: side } : {}
  return {
    ...emptyDraft,
    datasetId: run?.datasetVersion?.dataset.id ?? wishes.dataset ?? listed?.dataset?.id ?? undefined,
    conceptId: concept?.id,
    identifier: concept?.identifier ?? emptyDraft.identifier,
    classNoun: concept?.classNoun ?? "",
    baseModelId: model?.id,
    // A clone draws what its original drew, be it nothing.
    options: { ...small, ...(run && { validationPrompts: [] }), ...options },
  }
}
