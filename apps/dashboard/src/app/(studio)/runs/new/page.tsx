import type { Metadata } from "next"
import { Suspense } from "react"
import { StartRun } from "../../../../features/start/StartRun.tsx"

export const metadata: Metadata = { title: "Start a run" }

export default function NewRunPage() {
  return (
    <Suspense>
      <StartRun />
    </Suspense>
  )
}
