"use client"

/** One prompt, two settings: an image for every pair of their values, all with the same seed. */

import { useQuery } from "@apollo/client/react"
import { Grid3x3 } from "lucide-react"
import { useState } from "react"
import { GenerateFormDocument, GenerateImagesDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { SelectField, TextArea, TextField } from "../../ui/Field.tsx"
import { count } from "../../ui/format.ts"
import { Page } from "../../ui/Page.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { type CheckpointSource, type FormData, useCheckpointSource } from "./GeneratePage.tsx"
import { GridResult, type GridRun } from "./GridResult.tsx"
import {
  drawSeed,
  emptyGeneration,
  type GenerationDraft,
  generationInput,
  textOf,
  whyNot,
  withGenerationOption,
} from "./generation.ts"
import { type Axis, mostCells, planGrid, readValues } from "./gridPlan.ts"
import { SourcePicker } from "./SourcePicker.tsx"

export function GridPage() {
  const { team } = useSession()
  const checkpoint = useCheckpointSource()
  const query = useQuery(GenerateFormDocument, { variables: { teamId: team.id } })
  return (
    <QueryState query={query} skeleton={<Skeleton className="m-8 h-96" />}>
      {(data) =>
        checkpoint === undefined ? (
          <Skeleton className="m-8 h-96" />
        ) : (
          <Content data={data} checkpoint={checkpoint ?? undefined} />
        )
      }
    </QueryState>
  )
}

const axes = [
  { value: "steps", label: "Steps", example: "10, 20, 30", numeric: true },
  { value: "guidanceScale", label: "Guidance", example: "3-9/2", numeric: true },
  { value: "seed", label: "Seed", example: "1, 2, 3", numeric: true },
  { value: "scheduler", label: "Scheduler", example: "dpmpp_2m, euler, ddim", numeric: false },
  { value: "prompt", label: "Prompt", example: "a photo of sks toy, a painting of sks toy", numeric: false },
  { value: "checkpoint", label: "Checkpoint", example: "all", numeric: false },
] as const

type Chosen = { name: string; text: string }

function Content({ data, checkpoint }: { data: FormData; checkpoint: CheckpointSource | undefined }) {
  const { team, readOnly } = useSession()
  const firstModel = data.models.edges[0]?.node
  const firstBase = data.baseModels.edges.find(({ node }) => node.ready)?.node
  const [draft, setDraft] = useState<GenerationDraft>(() => ({
    ...emptyGeneration,
    source:
      checkpoint !== undefined
        ? { kind: "checkpoint", id: checkpoint.id }
        : firstModel !== undefined
          ? { kind: "model", id: firstModel.id }
          : firstBase && { kind: "baseModel", id: firstBase.id },
    options: { prompt: firstModel?.instancePrompt ?? "", seed: drawSeed() },
    randomSeed: false,
  }))
  const [x, setX] = useState<Chosen>(
    checkpoint === undefined ? { name: "steps", text: "10, 20, 30" } : { name: "checkpoint", text: "all" },
  )
  const [y, setY] = useState<Chosen>({ name: "guidanceScale", text: "3, 6, 9" })
  const [runs, setRuns] = useState<readonly GridRun[]>([])
  const [drawn, setDrawn] = useState<{ x: Axis; y: Axis | undefined }>()
  const generate = useAct(GenerateImagesDocument)
  const [busy, setBusy] = useState(false)

  const checkpoints = checkpoint?.run.checkpoints ?? []
  const axisOf = ({ name, text }: Chosen): Axis => {
    const known = axes.find((axis) => axis.value === name)
    const label = known?.label ?? name
    if (name !== "checkpoint") return { name, label, values: readValues(text, known?.numeric ?? false) }
    const steps = text.trim() === "all" ? undefined : new Set(readValues(text, true))
    return { name, label, values: checkpoints.filter(({ step }) => steps?.has(step) ?? true).map(({ id }) => id) }
  }
  const across = axisOf(x)
  const down = y.name === "" ? undefined : axisOf(y)
  const cells = across.values.length * Math.max(1, down?.values.length ?? 1)
  const reason =
    readOnly ??
    (x.name === "prompt" || y.name === "prompt"
      ? draft.source === undefined
        ? "Choose a model first."
        : undefined
      : whyNot(draft)) ??
    (across.values.length === 0 ? "Give the columns at least one value." : undefined) ??
    (cells > mostCells ? `${cells} images are too many for one grid; ${mostCells} is the most.` : undefined)

  const start = async () => {
    setBusy(true)
    setRuns([])
    setDrawn({ x: across, y: down })
    for (const cell of planGrid(generationInput(draft, team.id, 0), across, down)) {
      const run = await generate.act({ input: cell.input })
      if (run === undefined) break
      setRuns((now) => [...now, { key: cell.key, row: cell.row, column: cell.column, id: run.id }])
    }
    setBusy(false)
  }
  const label = (axis: Axis, value: string | number) => {
    const step = axis.name === "checkpoint" ? checkpoints.find(({ id }) => id === value)?.step : undefined
    return step === undefined ? String(value) : `step ${step}`
  }
  const choices = axes
    .filter((axis) => axis.value !== "checkpoint" || checkpoints.length > 0)
    .map(({ value, label: text }) => ({ value, label: text }))
  const axisFields = (title: string, chosen: Chosen, set: (next: Chosen) => void, optional: boolean) => (
    <div className="grid grid-cols-[9rem_minmax(0,1fr)] items-start gap-3">
      <SelectField
        label={title}
        value={chosen.name}
        choices={optional ? [{ value: "", label: "none" }, ...choices] : choices}
        onChange={(event) =>
          set({ name: event.target.value, text: axes.find(({ value }) => value === event.target.value)?.example ?? "" })
        }
      />
      {chosen.name !== "" && (
        <TextField
          label="Values"
          value={chosen.text}
          onChange={(event) => set({ ...chosen, text: event.target.value })}
          hint={
            chosen.name === "checkpoint" ? "“all”, or steps with commas." : "With commas; 20-40/10 means 20, 30, 40."
          }
        />
      )}
    </div>
  )
  return (
    <Page
      title="Grid of settings"
      hint="See what a setting does: the same seed, one image for every pair of values."
      crumbs={[{ label: "Generate", href: "/generate" }, { label: "Grid" }]}
    >
      <div className="grid items-start gap-5 lg:grid-cols-[24rem_minmax(0,1fr)]">
        <Panel>
          <div className="flex flex-col gap-4">
            <SourcePicker data={data} checkpoint={checkpoint} draft={draft} onChange={setDraft} />
            <TextArea
              label="Prompt"
              rows={3}
              value={textOf(draft, "prompt")}
              onChange={(event) => setDraft((now) => withGenerationOption(now, "prompt", event.target.value))}
            />
            {axisFields("Columns", x, setX, false)}
            {axisFields("Rows", y, setY, true)}
            <Button variant="primary" size="lg" className="w-full" busy={busy} reason={reason} onClick={start}>
              <Grid3x3 /> Draw {count(cells, "image")}
            </Button>
          </div>
        </Panel>
        {drawn === undefined ? (
          <EmptyState
            icon={<Grid3x3 />}
            title="The grid appears here"
            className="rounded-2xl border border-border border-dashed bg-surface"
          >
            Each image joins the gallery too, with its settings.
          </EmptyState>
        ) : (
          <GridResult
            runs={runs}
            columns={drawn.x.values.map((value) => label(drawn.x, value))}
            rows={drawn.y === undefined ? [""] : drawn.y.values.map((value) => label(drawn.y ?? drawn.x, value))}
            x={drawn.x.label}
            y={drawn.y?.label}
          />
        )}
      </div>
    </Page>
  )
}
