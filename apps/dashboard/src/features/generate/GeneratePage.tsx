"use client"

/** Words in, images out: the form on the left, what is being made and what was made on the right. */

import { useQuery } from "@apollo/client/react"
import { Grid3x3 } from "lucide-react"
import { useSearchParams } from "next/navigation"
import { useState } from "react"
import { toast } from "sonner"
import {
  CheckpointSourceDocument,
  type CheckpointSourceQuery,
  GenerateFormDocument,
  type GenerateFormQuery,
  GenerateImagesDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { LinkButton } from "../../ui/Button.tsx"
import { Page } from "../../ui/Page.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { DropAnywhere } from "../datasets/DropAnywhere.tsx"
import { runOptions } from "../runs/runOptions.ts"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { Gallery } from "./Gallery.tsx"
import { GenerationForm } from "./GenerationForm.tsx"
import { drawSeed, emptyGeneration, type GenerationDraft, generationInput, recall } from "./generation.ts"
import { InTheMaking } from "./InTheMaking.tsx"
import { readPngTexts } from "./pngText.ts"
import { type Recalled, recallFromTexts } from "./recall.ts"

export type FormData = GenerateFormQuery
/** A run one of whose checkpoints draws; `id` is the checkpoint's. */
export type CheckpointSource = { id: string; run: NonNullable<CheckpointSourceQuery["trainingRun"]> }

/** The checkpoint that the address asks for: undefined while it is looked up, null where none is asked for or there. */
export function useCheckpointSource(): CheckpointSource | null | undefined {
  const parameters = useSearchParams()
  const [runId, id] = [parameters.get("run"), parameters.get("checkpoint")]
  const { data, error } = useQuery(CheckpointSourceDocument, {
    variables: { runId: runId ?? "" },
    skip: runId === null || id === null,
  })
  if (runId === null || id === null || error !== undefined) return null
  if (data === undefined) return undefined
  const run = data.trainingRun
  return run?.checkpoints.some((checkpoint) => checkpoint.id === id) ? { id, run } : null
}

export function GeneratePage() {
  const { team } = useSession()
  const checkpoint = useCheckpointSource()
  const query = useQuery(GenerateFormDocument, { variables: { teamId: team.id }, fetchPolicy: "cache-and-network" })
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

function Content({ data, checkpoint }: { data: FormData; checkpoint: CheckpointSource | undefined }) {
  const { team } = useSession()
  const wishedModel = useSearchParams().get("model")
  const wishedPrompt = useSearchParams().get("prompt")
  const [draft, setDraft] = useState(() => firstDraft(data, checkpoint, wishedModel, wishedPrompt))
  const [making, setMaking] = useState<readonly string[]>([])
  const generate = useAct(GenerateImagesDocument, { quiet: true })

  const start = async (): Promise<void> => {
    const seed = drawSeed()
    if (draft.randomSeed) setDraft((now) => ({ ...now, options: { ...now.options, seed } }))
    const run = await generate.act({ input: generationInput(draft, team.id, seed) })
    if (run !== undefined) setMaking((now) => [run.id, ...now])
  }
  const recallNow = (settings: Recalled, what: "prompt" | "seed" | "all") => {
    setDraft((now) => recall(now, settings, what))
    toast(what === "all" ? "All settings are taken over." : `The ${what} is taken over.`)
  }
  const recallFile = async (files: File[]) => {
    const [file] = files
    if (file === undefined) return
    const texts = await readPngTexts(new Uint8Array(await file.arrayBuffer()))
    const settings = texts === undefined ? undefined : recallFromTexts(texts)
    if (settings === undefined)
      toast.error(
        `${file.name} holds no settings. Only PNGs as Fjord or AUTOMATIC1111 wrote them do; pictures sent through chats lose them.`,
      )
    else recallNow(settings, "all")
  }

  return (
    <Page
      title="Generate"
      actions={
        <LinkButton
          href={`/generate/grid${checkpoint === undefined ? "" : `?run=${checkpoint.run.id}&checkpoint=${checkpoint.id}`}`}
        >
          <Grid3x3 /> Grid of settings
        </LinkButton>
      }
    >
      <DropAnywhere onFiles={(files) => void recallFile(files)} hint="Drop a PNG to take over its settings" />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[22rem_minmax(0,1fr)]">
        <GenerationForm
          data={data}
          checkpoint={checkpoint}
          draft={draft}
          onChange={setDraft}
          onGenerate={start}
          busy={generate.busy}
          problem={generate.refusal?.message}
        />
        <div className="flex min-w-0 flex-col gap-5">
          <InTheMaking ids={making} onGone={(id) => setMaking((now) => now.filter((one) => one !== id))} />
          <Gallery
            onRecall={recallNow}
            onStartFrom={(image) =>
              setDraft((now) => ({
                ...now,
                startImage: { kind: "generatedImage", id: image.id, url: image.thumbnailUrl, strength: 0.6 },
              }))
            }
          />
        </div>
      </div>
    </Page>
  )
}

/** The newest thing trained here draws, unless the address says otherwise; its own prompt is a good first one. */
function firstDraft(
  data: FormData,
  checkpoint: CheckpointSource | undefined,
  wishedModel: string | null,
  wishedPrompt: string | null,
): GenerationDraft {
  const prompt = (text: string | null | undefined) => ({ prompt: wishedPrompt ?? text ?? "" })
  if (checkpoint !== undefined) {
    const trained = runOptions(checkpoint.run.config).instancePrompt
    return {
      ...emptyGeneration,
      source: { kind: "checkpoint", id: checkpoint.id },
      options: prompt(typeof trained === "string" ? trained : ""),
    }
  }
  const models = data.models.edges.map(({ node }) => node)
  const model = models.find(({ id }) => id === wishedModel) ?? models[0]
  if (model !== undefined)
    return { ...emptyGeneration, source: { kind: "model", id: model.id }, options: prompt(model.instancePrompt) }
  const base = data.baseModels.edges.map(({ node }) => node).find(({ ready }) => ready)
  return { ...emptyGeneration, source: base && { kind: "baseModel", id: base.id }, options: prompt(null) }
}
