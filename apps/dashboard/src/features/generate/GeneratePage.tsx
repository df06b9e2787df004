"use client"

/** Words in, images out: the form on the left, what is being made and what was made on the right. */

import { useApolloClient, useQuery } from "@apollo/client/react"
import { Grid3x3 } from "lucide-react"
import { useSearchParams } from "next/navigation"
import { useRef, useState } from "react"
import {
  GenerateFormDocument,
  type GenerateFormQuery,
  GenerateImagesDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { LinkButton } from "../../ui/Button.tsx"
import { Page } from "../../ui/Page.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { toast } from "../../ui/toast.ts"
import { useKept } from "../../ui/useKept.ts"
import { DropAnywhere } from "../datasets/DropAnywhere.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { findOriginal } from "./findOriginal.ts"
import { Gallery } from "./Gallery.tsx"
import { GenerationForm } from "./GenerationForm.tsx"
import {
  drawSeed,
  firstStrength,
  type GenerationDraft,
  generationInput,
  type RecallPart,
  recall,
} from "./generation.ts"
import { InTheMaking } from "./InTheMaking.tsx"
import { readPngTexts } from "./pngText.ts"
import { type Recalled, recallFromTexts } from "./recall.ts"
import { showResults } from "./showResults.ts"
import { useAddress } from "./useAddress.ts"
import { useSource } from "./useSource.ts"
import { useStartPicture } from "./useStartPicture.ts"

export type FormData = GenerateFormQuery

export function GeneratePage() {
  const { team } = useSession()
  const { wish, first } = useAddress()
  const query = useQuery(GenerateFormDocument, { variables: { teamId: team.id }, fetchPolicy: "cache-and-network" })
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

type ContentProps = { data: FormData; wish: string; first: () => GenerationDraft }

function Content({ data, wish, first }: ContentProps) {
  const { team, readOnly } = useSession()
  const board = useSearchParams().get("board")
  const client = useApolloClient()
  const [draft, setDraft] = useKept(`generation ${team.id}`, wish, first)
  const [started, setStarted] = useState<readonly string[]>([])
  const source = useSource(draft.source, data)
  const generate = useAct(GenerateImagesDocument, { quiet: true, refetch: ["ActiveRuns"] })
  const start = useStartPicture(team.id)
  const results = useRef<HTMLDivElement>(null)

  const generateNow = async (): Promise<void> => {
    const seed = drawSeed()
    if (draft.randomSeed) setDraft((now) => ({ ...now, options: { ...now.options, seed } }))
    const run = await generate.act({ input: generationInput(draft, team.id, seed, source.suits) })
    if (run === undefined) return
    setStarted((now) => [run.id, ...now])
    showResults(results.current)
  }
  const recallNow = (settings: Recalled, what: RecallPart) => {
    setDraft((now) => recall(now, settings, what))
    toast(what === "all" ? "All settings are taken over." : `The ${what} is taken over.`)
  }
  const startFrom = async (file: File) => {
    const picked = await start.take(file)
    if (picked !== undefined) setDraft((now) => ({ ...now, startImage: picked }))
  }
  const takeFile = async (files: File[]) => {
    const [file] = files
    if (file === undefined) return
    const texts = await readPngTexts(new Uint8Array(await file.arrayBuffer()))
    const settings = texts === undefined ? undefined : recallFromTexts(texts)
    if (settings !== undefined) recallNow((await findOriginal(client, team.id, settings)) ?? settings, "all")
    else if (readOnly !== undefined) toast.error(`${file.name} holds no settings.`)
    else
      toast(`${file.name} holds no settings.`, {
        description: "Only PNGs as Fjord or AUTOMATIC1111 wrote them do; pictures sent through chats lose them.",
        action: { label: "Start from it", onClick: () => void startFrom(file) },
        // Who has read this far shall still find the button.
        duration: 20_000,
      })
  }

  return (
    <Page
      title="Generate"
      actions={
        <LinkButton href="/generate/grid">
          <Grid3x3 /> Grid of settings
        </LinkButton>
      }
    >
      <DropAnywhere
        onFiles={(files) => void takeFile(files)}
        hint="Drop a PNG to take over its settings, or a picture to start from"
      />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[22rem_minmax(0,1fr)]">
        <GenerationForm
          data={data}
          source={source}
          draft={draft}
          onChange={setDraft}
          onGenerate={generateNow}
          busy={generate.busy}
          problem={generate.refusal?.message}
        />
        <div ref={results} className="flex min-w-0 flex-col gap-5">
          <InTheMaking started={started} onGone={(id) => setStarted((now) => now.filter((one) => one !== id))} />
          <Gallery
            key={board}
            board={board ?? ""}
            onRecall={recallNow}
            onStartFrom={(image) =>
              setDraft((now) => ({
                ...now,
                startImage: {
                  kind: "generatedImage",
                  id: image.id,
                  url: image.thumbnailUrl,
                  strength: firstStrength,
                },
              }))
            }
          />
        </div>
      </div>
    </Page>
  )
}
