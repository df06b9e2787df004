import type { Metadata } from "next"
import { Suspense } from "react"
import { RunPage } from "../../../../features/runs/RunPage.tsx"

export const metadata: Metadata = { title: "Run" }

export default async function RunRoute({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  return (
    <Suspense>
      <RunPage key={id} id={id} />
    </Suspense>
  )
}
