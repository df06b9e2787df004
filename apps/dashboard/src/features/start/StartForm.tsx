"use client"

import { Check, ClipboardPaste, Code, Play, RotateCcw } from "lucide-react"
import { useRouter } from "next/navigation"
import { useRef, useState } from "react"
import { copyQuery } from "../../graphql/copyQuery.ts"
import {
  CreateConceptDocument,
  StartTrainingDocument,
  type StartTrainingInput,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { Notice } from "../../ui/Notice.tsx"
import { Page } from "../../ui/Page.tsx"
import { useKept } from "../../ui/useKept.ts"
import { useSession } from "../shell/Session.tsx"
import { CheckStep } from "./CheckStep.tsx"
import { type Draft, missingIn, type Step, sentOptions, suggestedName, withSettings } from "./draft.ts"
import { ForecastPanel } from "./ForecastPanel.tsx"
import { LookStep } from "./LookStep.tsx"
import { PasteYaml } from "./PasteYaml.tsx"
import { SubjectStep } from "./SubjectStep.tsx"
import { defaultsOf, optionsFor, type StartData, suiting } from "./startData.ts"

export type StepProps = { data: StartData; draft: Draft; onChange: (change: (draft: Draft) => Draft) => void }

const steps: { step: Step; label: string; hint: string }[] = [
  { step: "subject", label: "Subject", hint: "What shall it learn?" },
  { step: "look", label: "Look", hint: "How shall it learn?" },
  { step: "check", label: "Check", hint: "Is it right?" },
]

type StartFormProps = {
  data: StartData
  first: Draft
  /** The address's wishes: with the same ones the form goes on where it was left. */
  occasion: string
  clonedFrom: string | undefined
  /** Asks for more data sets. */
  onMore: (options: { variables: { after: string | null } }) => unknown
}

export function StartForm({ data, first, occasion, clonedFrom, onMore }: StartFormProps) {
  const { team, readOnly } = useSession()
  const router = useRouter()
  const [draft, setDraft] = useKept("start", occasion, () => first)
  const [step, setStep] = useState<Step>(clonedFrom === undefined ? "subject" : "check")
  const [pasting, setPasting] = useState(false)
  const section = useRef<HTMLElement>(null)
  const start = useAct(StartTrainingDocument, { quiet: true, refetch: ["Runs", "ActiveRuns", "Home"] })
  const createConcept = useAct(CreateConceptDocument, { quiet: true })
  const dataset = data.datasets.edges.find(({ node }) => node.id === draft.datasetId)?.node
  const missing = missingIn(draft, step, dataset?.imageCount)
  const suits = suiting(data, draft)
  const shown = { ...data, trainingOptions: optionsFor(data, draft) }
  const name = draft.name.trim() || suggestedName(draft, defaultsOf(shown))
  const input: StartTrainingInput = {
    teamId: team.id,
    name,
    datasetId: draft.datasetId ?? null,
    conceptId: draft.conceptId ?? null,
    baseModelId: draft.baseModelId ?? "",
    options: sentOptions(draft, suits),
  }

  const startNow = async () => {
    // The subject's words are kept as a concept, so that later runs and images find them.
    const known = data.concepts.edges.find(({ node }) => node.id === draft.conceptId)?.node
    const same = known?.identifier === draft.identifier.trim() && known.classNoun === draft.classNoun.trim()
    let conceptId = same ? known.id : null
    if (!same && draft.options.instancePrompt === undefined) {
      const concept = await createConcept.act({
        input: {
          teamId: team.id,
          name: `${draft.identifier.trim()} ${draft.classNoun.trim()}`,
          identifier: draft.identifier.trim(),
          classNoun: draft.classNoun.trim(),
          datasetId: draft.datasetId ?? null,
        },
      })
      if (concept === undefined) return
      conceptId = concept.id
    }
    const run = await start.act({ input: { ...input, conceptId } })
    if (run === undefined) return
    setDraft(first)
    router.push(`/runs/${run.id}`)
  }

  const refusal = start.refusal ?? createConcept.refusal
  const at = steps.findIndex((one) => one.step === step)
  const next: Step | undefined = step === "subject" ? "look" : step === "look" ? "check" : undefined
  const props: StepProps = { data: shown, draft, onChange: setDraft }
  // The button that leads on stands below the next step, and says something else there: the focus begins with the step.
  const goTo = (to: Step) => {
    setStep(to)
    requestAnimationFrame(() => {
      section.current?.focus({ preventScroll: true })
      const top = section.current?.getBoundingClientRect().top ?? 0
      if (top < 0 || top > innerHeight / 2) section.current?.scrollIntoView()
    })
  }
  return (
    <Page
      title="Start a run"
      hint={
        clonedFrom === undefined ? "Three steps; every default is a good one." : `With the settings of ${clonedFrom}.`
      }
      crumbs={[{ label: "Runs", href: "/runs" }, { label: "Start a run" }]}
      actions={
        <>
          <Button
            reason={draft === first ? "Nothing was changed yet." : undefined}
            onClick={() => {
              setDraft(first)
              setStep("subject")
            }}
          >
            <RotateCcw /> Begin anew
          </Button>
          {missingIn(draft, "check", dataset?.imageCount).length === 0 && (
            <IconButton
              label="Copy as query"
              icon={<Code />}
              size="md"
              tipSide="bottom"
              onClick={() => void copyQuery(StartTrainingDocument, { input })}
            />
          )}
          <Button onClick={() => setPasting(true)}>
            <ClipboardPaste /> Paste YAML
          </Button>
        </>
      }
    >
      <ol className="grid grid-cols-3 gap-2">
        {steps.map((one, index) => {
          // What nobody has looked at yet is not done, however good its defaults are.
          const done = index < at && missingIn(draft, one.step, dataset?.imageCount).length === 0
          return (
            <li key={one.step}>
              <button
                type="button"
                aria-current={one.step === step ? "step" : undefined}
                onClick={() => goTo(one.step)}
                className={classes(
                  "flex w-full items-center gap-3 rounded-xl border px-3 py-2.5 text-left",
                  one.step === step
                    ? "border-accent bg-accent-soft text-accent-soft-foreground"
                    : "border-border bg-surface hover:border-accent",
                )}
              >
                <span
                  className={classes(
                    "grid size-7 shrink-0 place-items-center rounded-full font-semibold text-sm",
                    done || index === at ? "bg-accent text-accent-foreground" : "bg-default",
                  )}
                >
                  {done ? <Check aria-label="complete" className="size-4" /> : index + 1}
                </span>
                <span className="min-w-0">
                  <span className="block font-semibold text-sm">{one.label}</span>
                  <span className="hidden truncate text-xs sm:block">{one.hint}</span>
                </span>
              </button>
            </li>
          )
        })}
      </ol>
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <section
          ref={section}
          aria-label={steps[at]?.label}
          tabIndex={-1}
          className="flex min-w-0 scroll-mt-4 flex-col gap-5 rounded-2xl"
        >
          {step === "subject" && <SubjectStep {...props} onMore={onMore} />}
          {step === "look" && <LookStep {...props} />}
          {step === "check" && <CheckStep {...props} name={name} />}
          {refusal !== undefined && (
            <Notice tone="danger" title="It could not be started">
              {refusal.message}
            </Notice>
          )}
          <div className="flex flex-wrap items-center justify-end gap-2">
            {missing[0] !== undefined && (
              <p className="min-w-0 flex-1 basis-48 text-right text-muted text-sm">{missing[0]}</p>
            )}
            {step !== "subject" && <Button onClick={() => goTo(step === "check" ? "look" : "subject")}>Back</Button>}
            {next !== undefined ? (
              <Button variant="primary" size="lg" reason={missing[0]} onClick={() => goTo(next)}>
                Next: {steps.find((one) => one.step === next)?.label}
              </Button>
            ) : (
              <Button
                variant="primary"
                size="lg"
                reason={readOnly ?? missing[0]}
                busy={start.busy || createConcept.busy}
                onClick={startNow}
              >
                <Play /> Start training
              </Button>
            )}
          </div>
        </section>
        <ForecastPanel input={input} ready={missingIn(draft, "check", dataset?.imageCount).length === 0} />
      </div>
      <PasteYaml
        open={pasting}
        onClose={() => setPasting(false)}
        onOptions={(options) => setDraft((now) => withSettings(now, options))}
      />
    </Page>
  )
}
