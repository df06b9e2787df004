import type { Metadata } from "next"
import { Suspense } from "react"
import { ModelPage } from "../../../../features/models/ModelPage.tsx"

export const metadata: Metadata = { title: "Model" }

export default async function ModelRoute({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  return (
    <Suspense>
      <ModelPage id={id} />
    </Suspense>
  )
}
