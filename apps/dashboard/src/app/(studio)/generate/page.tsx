import type { Metadata } from "next"
import { Suspense } from "react"
import { GeneratePage } from "../../../features/generate/GeneratePage.tsx"

export const metadata: Metadata = { title: "Generate" }

export default function GenerateRoute() {
  return (
    <Suspense>
      <GeneratePage />
    </Suspense>
  )
}
