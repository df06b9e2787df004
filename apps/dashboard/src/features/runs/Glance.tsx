"use client"

/** Five answers in five boxes. */

import { Activity, Hourglass, ImageIcon, Sparkles, TrendingDown, Trophy } from "lucide-react"
import dynamic from "next/dynamic"
import { type ReactNode, useMemo } from "react"
import { classes } from "../../ui/classes.ts"
import { count, formatDuration, formatNumber } from "../../ui/format.ts"
import { Link } from "../../ui/Link.tsx"
import { ProgressBar } from "../../ui/ProgressBar.tsx"
import { judgeLearning, type MetricSeries } from "./metricSeries.ts"
import { useNow } from "./useNow.ts"
import type { RunPageRun } from "./useRunFollow.ts"

const WaitingAnswer = dynamic(() => import("./Waiting.tsx").then((module) => module.WaitingAnswer))

type GlanceProps = {
  run: RunPageRun
  series: MetricSeries
  version: number
  /** When the run last said something, in milliseconds. */
  heardAt: { readonly current: number }
}

export function Glance({ run, series, version, heardAt }: GlanceProps) {
  const now = useNow(1_000, run.status === "RUNNING" || run.status === "QUEUED")
  // biome-ignore lint/correctness/useExhaustiveDependencies: the columns grow in place; `version` tells that they did.
  const verdict = useMemo(() => judgeLearning(series), [series, version])
  const first = run.samples.find((sample) => sample.step === 0)
  const last = run.samples.findLast(
    (sample) =>
      sample.step > 0 &&
      (first === undefined || (sample.promptIndex === first.promptIndex && sample.seed === first.seed)),
  )
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-5 max-lg:[&>:last-child]:col-span-2 max-lg:[&>:last-child]:min-h-32">
      <Answer icon={<Activity />} question="Is it alive?">
        <Alive run={run} silentSeconds={(now - heardAt.current) / 1000} />
      </Answer>
      <Answer icon={<Hourglass />} question="When is it done?">
        <Done run={run} now={now} />
      </Answer>
      <Answer icon={<TrendingDown />} question="Is it learning?">
        <b className={classes("text-lg tabular-nums", verdict.tone === "bad" && "text-danger-soft-foreground")}>
          {run.loss === null ? "–" : `loss ${formatNumber(run.loss)}`}
        </b>
        <p className="text-muted text-xs leading-5">{verdict.text}</p>
      </Answer>
      <Answer icon={<ImageIcon />} question="Does it look right?">
        {last === undefined && first === undefined ? (
          <p className="text-muted text-xs leading-5">
            {run.status === "QUEUED" || run.status === "RUNNING"
              ? "Samples appear here, if it was given prompts to show."
              : "This run drew no samples."}
          </p>
        ) : (
          <div className="flex gap-2">
            {[first, last].map(
              (sample) =>
                sample !== undefined && (
                  <figure key={sample.id} className="min-w-0">
                    <img
                      src={sample.thumbnailUrl}
                      alt={`${sample.prompt}, step ${sample.step}`}
                      className="size-16 rounded-lg bg-surface-tertiary object-cover"
                    />
                    <figcaption className="text-center text-[0.6875rem] text-muted">
                      {sample.step === 0 ? "before" : `step ${sample.step}`}
                    </figcaption>
                  </figure>
                ),
            )}
          </div>
        )}
      </Answer>
      <Answer icon={<Trophy />} question="What is best so far?">
        <Best run={run} />
      </Answer>
    </div>
  )
}

function Answer({ icon, question, children }: { icon: ReactNode; question: string; children: ReactNode }) {
  return (
    // As high as its longest answer: nothing below moves while a run goes on.
    <section className="flex min-h-40 min-w-0 flex-col gap-1.5 rounded-2xl border border-border bg-surface p-4 shadow-surface">
      <h2 className="flex items-center gap-2 font-medium text-muted text-xs">
        <span aria-hidden="true" className="[&>svg]:size-4">
          {icon}
        </span>
        {question}
      </h2>
      {children}
    </section>
  )
}

function Alive({ run, silentSeconds }: { run: RunPageRun; silentSeconds: number }) {
  const where = run.worker === null ? "" : `On ${run.worker.name}`
  if (run.status === "QUEUED") return <WaitingAnswer id={run.id} />
  if (run.status === "RUNNING")
    return (
      <>
        <b className={classes("flex gap-2 text-base leading-6", !run.alive && "text-warning-soft-foreground")}>
          <span
            className={classes(
              "mt-1.75 size-2.5 shrink-0 rounded-full",
              run.alive ? "animate-pulse bg-success" : "bg-warning",
            )}
          />
          <span className="min-w-0 tabular-nums">{run.alive ? doing(run) : "No sign of life"}</span>
        </b>
        <p className="text-muted text-xs leading-5">
          {run.alive ? where : "Another worker takes it over from the last checkpoint."}
          {run.alive && silentSeconds >= 5 && `, last heard ${formatDuration(silentSeconds)} ago`}
          {run.attempt > 1 && `, ${count(run.attempt, "attempt")}`}
          {run.cancelRequestedAt !== null && ". Stopping…"}
        </p>
      </>
    )
  const word = { SUCCEEDED: "Finished", FAILED: "It failed", CANCELLED: "Stopped" }[run.status]
  return (
    <>
      <b className="text-lg">{word}</b>
      <p className="text-muted text-xs leading-5">{where}</p>
    </>
  )
}

/** What a living run is at. */
export const doing = ({ phase }: Pick<RunPageRun, "phase">): string => phase?.text ?? "Training"

/** How far a run is: its steps, or before them what can be counted of what it prepares; undefined where nothing can. */
function shareOf({ status, etaSeconds, phase, step, totalSteps }: RunPageRun): number | undefined {
  const preparing = status === "RUNNING" && etaSeconds === null
  if (!preparing) return totalSteps ? step / totalSteps : 0
  return phase !== null && phase.done !== null && phase.total !== null ? phase.done / phase.total : undefined
}

function whenDone({ status, startedAt, etaSeconds, estimateSeconds }: RunPageRun, elapsed: number): string {
  const foretold = estimateSeconds === null ? undefined : `about ${formatDuration(estimateSeconds)}`
  if (status === "QUEUED") return foretold ?? "not started"
  if (status !== "RUNNING") return startedAt === null ? "never began" : `took ${formatDuration(elapsed)}`
  if (etaSeconds !== null) return `in ${formatDuration(etaSeconds)}`
  return foretold === undefined ? "preparing…" : `${foretold} in all`
}

function Done({ run, now }: { run: RunPageRun; now: number }) {
  const elapsed =
    run.startedAt === null
      ? 0
      : ((run.endedAt === null ? now : Date.parse(run.endedAt)) - Date.parse(run.startedAt)) / 1000
  const running = run.status === "RUNNING"
  const preparing = running && run.etaSeconds === null
  return (
    <>
      <b className="text-lg tabular-nums">{whenDone(run, elapsed)}</b>
      <ProgressBar
        label="Progress"
        value={shareOf(run)}
        tone={running ? "accent" : run.status === "SUCCEEDED" ? "success" : "muted"}
        className="my-1"
      />
      <p className="text-muted text-xs tabular-nums leading-5">
        {preparing ? "preparing" : `step ${formatNumber(run.step)}`}
        {!preparing && run.totalSteps !== null && ` of ${formatNumber(run.totalSteps)}`}
        {running && `, ${formatDuration(elapsed)} so far`}
      </p>
    </>
  )
}

function Best({ run }: { run: RunPageRun }) {
  const { best } = run
  const checkpoint = best === null ? run.checkpoints.at(-1) : nearest(run.checkpoints, best.step)
  return (
    <>
      {best === null ? (
        <p className="text-muted text-xs leading-5">
          {run.endedAt === null ? "Known after 20 steps." : "It ended before 20 steps, too soon to say."}
        </p>
      ) : (
        <>
          <b className="text-lg tabular-nums">Step {formatNumber(best.step)}</b>
          <p className="text-muted text-xs leading-5">Lowest loss over 20 steps: {formatNumber(best.loss)}.</p>
        </>
      )}
      {checkpoint !== undefined && (
        <Link
          href={`/generate?run=${run.id}&checkpoint=${checkpoint.id}`}
          className="flex items-center gap-1 font-medium text-accent-soft-foreground text-xs underline"
        >
          <Sparkles aria-hidden="true" className="size-3.5" />
          Generate from step {checkpoint.step}
        </Link>
      )}
    </>
  )
}

/** The checkpoint closest to a step. */
export function nearest<Saved extends { step: number }>(
  checkpoints: readonly Saved[],
  step: number,
): Saved | undefined {
  return checkpoints.toSorted((a, b) => Math.abs(a.step - step) - Math.abs(b.step - step))[0]
}
