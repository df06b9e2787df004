"use client"

/** Is it alive, when is it done, is it learning, does it look right, what is best: answered before anybody scrolls. */

import { Box, Cpu, FileSliders, Images, ScrollText } from "lucide-react"
import dynamic from "next/dynamic"
import { useRouter, useSearchParams } from "next/navigation"
import { Notice } from "../../ui/Notice.tsx"
import { Page } from "../../ui/Page.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { Tabs } from "../../ui/Tabs.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { doing, Glance } from "./Glance.tsx"
import { LossPanel } from "./LossPanel.tsx"
import { emptySeries } from "./metricSeries.ts"
import { RunActions } from "./RunActions.tsx"
import { RunLineage } from "./RunLineage.tsx"
import { SampleMatrix } from "./SampleMatrix.tsx"
import { StatusBadge } from "./StatusBadge.tsx"
import { type RunPageRun, useRunFollow } from "./useRunFollow.ts"

// Seldom seen: loaded when it is the case.
const Missing = dynamic(() => import("../shell/Missing.tsx").then((module) => module.Missing))
// Behind their tabs, and loaded when one is opened.
const Checkpoints = dynamic(() => import("./Checkpoints.tsx").then((module) => module.Checkpoints))
const RunLog = dynamic(() => import("./RunLog.tsx").then((module) => module.RunLog))
const RunSettings = dynamic(() => import("./RunSettings.tsx").then((module) => module.RunSettings))
const RunMachine = dynamic(() => import("./RunMachine.tsx").then((module) => module.RunMachine))

export function RunPage({ id }: { id: string }) {
  const follow = useRunFollow(id)
  return (
    <QueryState query={follow.query} skeleton={<RunSkeleton />}>
      {() =>
        follow.run ? <Content run={follow.run} follow={follow} /> : <Missing what="run" href="/runs" all="All runs" />
      }
    </QueryState>
  )
}

function Content({ run, follow }: { run: RunPageRun; follow: ReturnType<typeof useRunFollow> }) {
  const router = useRouter()
  const tab = useSearchParams().get("tab") ?? "samples"
  const series = follow.live?.series ?? emptySeries()
  return (
    <Page
      title={run.name}
      hint={<RunLineage run={run} />}
      crumbs={[{ label: "Runs", href: "/runs" }, { label: run.name }]}
      actions={
        <>
          <StatusBadge status={run.status} stale={run.status === "RUNNING" && !run.alive} />
          <RunActions run={run} />
        </>
      }
    >
      {run.failure !== null && (
        <Notice tone="danger" title={run.failure.message}>
          <p>{run.failure.cause}</p>
          <p className="mt-1 font-medium">{run.failure.advice}</p>
        </Notice>
      )}
      <Glance run={run} series={series} version={follow.version} heardAt={follow.heardAt} />
      <LossPanel
        runId={run.id}
        series={series}
        version={follow.version}
        best={run.best?.step}
        doing={series.steps.length > 0 || run.endedAt !== null ? undefined : run.alive ? doing(run) : "Waiting"}
      />
      <Tabs
        value={tab}
        onChange={(next) => router.replace(`/runs/${run.id}?tab=${next}`, { scroll: false })}
        tabs={[
          {
            value: "samples",
            label: "Samples",
            icon: <Images />,
            count: run.samples.length,
            content: <SampleMatrix samples={run.samples} best={run.best?.step} ended={run.endedAt !== null} />,
          },
          {
            value: "checkpoints",
            label: "Checkpoints",
            icon: <Box />,
            count: run.checkpoints.length,
            content: <Checkpoints run={run} />,
          },
          { value: "log", label: "Log", icon: <ScrollText />, content: <RunLog log={follow.live?.log ?? []} /> },
          { value: "settings", label: "Settings", icon: <FileSliders />, content: <RunSettings run={run} /> },
          {
            value: "machine",
            label: "Machine",
            icon: <Cpu />,
            content: <RunMachine run={run} series={series} version={follow.version} />,
          },
        ]}
      />
    </Page>
  )
}

function RunSkeleton() {
  return (
    <div className="mx-auto flex max-w-7xl flex-col gap-5 px-4 py-7 sm:px-8">
      <Skeleton className="h-14 w-80" />
      <Skeleton className="h-36" />
      <Skeleton className="h-80" />
    </div>
  )
}
