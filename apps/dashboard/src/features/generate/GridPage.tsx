"use client"

/** One prompt, two settings: an image for every pair of their values, all with the same seed. */

import { useQuery } from "@apollo/client/react"
import { Grid3x3 } from "lucide-react"
import { useRef, useState } from "react"
import { GenerateFormDocument } from "../../graphql/generated/graphql.ts"
import { Button } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { count } from "../../ui/format.ts"
import { Page } from "../../ui/Page.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { useKept } from "../../ui/useKept.ts"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { AxisFields } from "./AxisFields.tsx"
import { Embeddings } from "./Embeddings.tsx"
import type { FormData } from "./GeneratePage.tsx"
import { GridResult } from "./GridResult.tsx"
import { drawSeed, type GenerationDraft, generationInput, whyNot } from "./generation.ts"
import { type Axis, type AxisDraft, axisKinds, axisOf, firstAxis, mostCells, planGrid, valueLabel } from "./gridPlan.ts"
import { LoraStack } from "./LoraStack.tsx"
import { PromptFields } from "./PromptFields.tsx"
import { SettingsFields } from "./SettingsFields.tsx"
import { SourcePicker } from "./SourcePicker.tsx"
import { StartPicture } from "./StartPicture.tsx"
import { showResults } from "./showResults.ts"
import { useAddress } from "./useAddress.ts"
import { useGridRuns } from "./useGridRuns.ts"
import { useSource } from "./useSource.ts"

export function GridPage() {
  const { team } = useSession()
  const { wish, first } = useAddress()
  const query = useQuery(GenerateFormDocument, { variables: { teamId: team.id } })
  return (
    <QueryState query={query} skeleton={<Skeleton className="m-8 h-96" />}>
      {(data) =>
        first === undefined ? (
          <Skeleton className="m-8 h-96" />
        ) : (
          <Content key={wish} data={data} wish={wish} first={() => first(data)} />
        )
      }
    </QueryState>
  )
}

/** Is said once per cell, so that it cannot be said once for all. */
const perCell = new Set(["numImages"])

function Content({ data, wish, first }: { data: FormData; wish: string; first: () => GenerationDraft }) {
  const { team, readOnly } = useSession()
  const [draft, setDraft] = useKept(`generation ${team.id}`, wish, first)
  const { run, baseModelId, suits, options } = useSource(draft.source, data)
  const kinds = axisKinds({
    options,
    checkpoints: run?.checkpoints ?? [],
    models: data.models.edges.map(({ node }) => node),
    hasLoras: draft.loras.length > 0,
    hasStartImage: draft.startImage !== undefined,
  })
  const kindOf = (name: string | undefined) => kinds.find((kind) => kind.name === name)
  const usual = (name: string): AxisDraft | undefined => {
    const kind = kindOf(name)
    return kind && firstAxis(kind)
  }
  const [chosenX, setX] = useState<AxisDraft>()
  const [chosenY, setY] = useState<AxisDraft | null>()
  // Checkpoints are what people compare first, where there are some.
  const x = kindOf(chosenX?.name) === undefined ? (usual("checkpoint") ?? usual("steps")) : chosenX
  const y = chosenY === null ? undefined : kindOf(chosenY?.name) === undefined ? usual("guidanceScale") : chosenY
  const axis = (given: AxisDraft | undefined): Axis | undefined => {
    const kind = kindOf(given?.name)
    return kind && given && axisOf(kind, given)
  }
  const [across, down] = [axis(x), axis(y)]
  const grid = useGridRuns()
  const results = useRef<HTMLDivElement>(null)
  const taken = new Set([...perCell, ...[x?.name, y?.name].filter((name) => name !== undefined)])
  const cells = (across?.values.length ?? 0) * Math.max(1, down?.values.length ?? 1)
  const reason =
    readOnly ??
    whyNot(taken.has("prompt") ? { ...draft, options: { ...draft.options, prompt: "of an axis" } } : draft) ??
    (across === undefined || across.values.length === 0 ? "Give the columns at least one value." : undefined) ??
    (x?.name === y?.name ? "Columns and rows are the same setting." : undefined) ??
    (cells > mostCells ? `${cells} images are too many for one grid; ${mostCells} is the most.` : undefined)

  const start = async () => {
    if (across === undefined) return
    const labels = (given: Axis) => given.values.map((value) => valueLabel(kindOf(given.name), value))
    const seed = typeof draft.options.seed === "number" ? draft.options.seed : drawSeed()
    const head = {
      x: { label: across.label, values: labels(across) },
      ...(down === undefined ? {} : { y: { label: down.label, values: labels(down) } }),
    }
    showResults(results.current)
    await grid.draw(head, planGrid(generationInput(draft, team.id, seed, suits), across, down))
  }
  return (
    <Page
      title="Grid of settings"
      hint="See what a setting does: the same seed, one image for every pair of values."
      crumbs={[{ label: "Generate", href: "/generate" }, { label: "Grid" }]}
    >
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[22rem_minmax(0,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <Panel>
            <div className="flex flex-col gap-4">
              <SourcePicker data={data} run={run} draft={draft} onChange={setDraft} />
              {!taken.has("prompt") && <PromptFields draft={draft} onChange={setDraft} baseModelId={baseModelId} />}
              <AxisFields title="Columns" kinds={kinds} draft={x} onChange={setX} />
              <AxisFields title="Rows" kinds={kinds} draft={y} onChange={(next) => setY(next ?? null)} optional />
              <Button variant="primary" size="lg" className="w-full" busy={grid.busy} reason={reason} onClick={start}>
                <Grid3x3 /> Draw {count(cells, "image")}
              </Button>
            </div>
          </Panel>
          <Panel title="Settings of every image">
            <SettingsFields options={options} draft={draft} onChange={setDraft} without={taken} />
          </Panel>
          <LoraStack data={data} draft={draft} onChange={setDraft} />
          <Embeddings data={data} draft={draft} onChange={setDraft} />
          <StartPicture draft={draft} onChange={setDraft} />
        </div>
        <div ref={results} className="min-w-0">
          {grid.head === undefined ? (
            <EmptyState
              icon={<Grid3x3 />}
              title="The grid appears here"
              className="min-h-80 rounded-2xl border border-border border-dashed bg-surface"
            >
              Each image joins the gallery too, with its settings.
            </EmptyState>
          ) : (
            <GridResult runs={grid.runs} head={grid.head} />
          )}
        </div>
      </div>
    </Page>
  )
}
