import type { Metadata } from "next"
import { Suspense } from "react"
import { CompareRuns } from "../../../../features/runs/CompareRuns.tsx"

export const metadata: Metadata = { title: "Compare runs" }

export default function ComparePage() {
  return (
    <Suspense>
      <CompareRuns />
    </Suspense>
  )
}
