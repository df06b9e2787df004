import type { Metadata } from "next"
import { Suspense } from "react"
import { GridPage } from "../../../../features/generate/GridPage.tsx"

export const metadata: Metadata = { title: "Grid of settings" }

export default function GridRoute() {
  return (
    <Suspense>
      <GridPage />
    </Suspense>
  )
}
