"use client"

/** From an empty studio to the first own image: always one next thing to do. */

import { Check, ImagePlus, Play, Sparkles, TrendingDown } from "lucide-react"
import { useRouter } from "next/navigation"
import type { ReactNode } from "react"
import { CreateSampleConceptDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, LinkButton } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { count } from "../../ui/format.ts"
import { useSession } from "../shell/Session.tsx"
import type { HomeData } from "./HomePage.tsx"

type Stage = { title: string; text: string; done: boolean; icon: ReactNode; actions: ReactNode }

export function FirstMinute({ data }: { data: HomeData }) {
  const { team, readOnly } = useSession()
  const router = useRouter()
  const sample = useAct(CreateSampleConceptDocument, { refetch: ["Home"] })
  const takeSample = async () => {
    const concept = await sample.act({ teamId: team.id })
    if (concept?.dataset) router.push(`/datasets/${concept.dataset.id}`)
  }
  const [dataset] = data.datasets.edges
  const [run] = data.trainingRuns.edges
  const checkpoint = run?.node.checkpoints.at(-1)
  const model = run?.node.models.find(({ step }) => step === run.node.step)
  const draws =
    model !== undefined
      ? `?model=${model.id}`
      : checkpoint !== undefined
        ? `?run=${run?.node.id}&checkpoint=${checkpoint.id}`
        : ""
  const active = run?.node.status === "RUNNING" || run?.node.status === "QUEUED"
  const stages: Stage[] = [
    {
      title: "Choose pictures",
      text:
        dataset === undefined
          ? "A handful of one subject: a toy, a pet, a place. Drop them here, or try the sample."
          : `${dataset.node.name}: ${count(dataset.node.imageCount, "picture")}.`,
      done: dataset !== undefined && dataset.node.imageCount > 0,
      icon: <ImagePlus />,
      actions: (
        <>
          <Button variant="primary" reason={readOnly} busy={sample.busy} onClick={takeSample}>
            Try the sample
          </Button>
          <LinkButton href="/datasets?new=1">Use my own</LinkButton>
        </>
      ),
    },
    {
      title: "Start a run",
      text: "Three short steps; every default is a good one.",
      done: run !== undefined,
      icon: <Play />,
      actions: (
        <LinkButton
          variant="primary"
          href={dataset === undefined ? "/runs/new" : `/runs/new?dataset=${dataset.node.id}`}
        >
          Start a run
        </LinkButton>
      ),
    },
    {
      title: "Watch it learn",
      text: active
        ? "It is learning now: the curve falls, the samples come closer."
        : "Live: the loss, the samples, the time left.",
      done: checkpoint !== undefined || run?.node.status === "SUCCEEDED",
      icon: <TrendingDown />,
      actions: run !== undefined && (
        <LinkButton variant="primary" href={`/runs/${run.node.id}`}>
          Watch
        </LinkButton>
      ),
    },
    {
      title: "Make your first image",
      text: "Put your subject anywhere you can describe.",
      done: false,
      icon: <Sparkles />,
      actions: (
        <LinkButton variant="primary" href={`/generate${draws}`}>
          Generate
        </LinkButton>
      ),
    },
  ]
  const current = stages.findIndex((stage) => !stage.done)
  return (
    <section
      aria-labelledby="first-minute"
      className="rounded-2xl border border-border bg-surface p-5 shadow-surface sm:p-6"
    >
      <h2 id="first-minute" className="font-semibold text-lg">
        Your first image in four steps
      </h2>
      <ol className="mt-4 grid gap-3 md:grid-cols-4">
        {stages.map((stage, index) => {
          const now = index === current
          return (
            <li
              key={stage.title}
              aria-current={now ? "step" : undefined}
              className={classes(
                "flex flex-col gap-2 rounded-xl border p-4",
                now ? "border-accent bg-accent-soft/40" : "border-border",
              )}
            >
              <span
                className={classes(
                  "grid size-9 place-items-center rounded-full [&>svg]:size-4.5",
                  stage.done
                    ? "bg-success-soft text-success-soft-foreground"
                    : now
                      ? "bg-accent text-accent-foreground"
                      : "bg-default text-muted",
                )}
              >
                {stage.done ? <Check aria-label="done" /> : stage.icon}
              </span>
              <p className="font-semibold">{stage.title}</p>
              <p className="flex-1 text-muted text-sm">{stage.text}</p>
              {now && <div className="mt-1 flex flex-wrap gap-2">{stage.actions}</div>}
            </li>
          )
        })}
      </ol>
    </section>
  )
}
