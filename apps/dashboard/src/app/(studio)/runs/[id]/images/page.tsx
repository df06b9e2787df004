import type { Metadata } from "next"
import { RunImagesPage } from "../../../../../features/generate/RunImagesPage.tsx"

export const metadata: Metadata = { title: "Images of a run" }

export default async function RunImagesRoute({ params }: { params: Promise<{ id: string }> }) {
  return <RunImagesPage id={(await params).id} />
}
