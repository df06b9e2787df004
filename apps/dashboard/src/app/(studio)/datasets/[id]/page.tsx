import type { Metadata } from "next"
import { DatasetPage } from "../../../../features/datasets/DatasetPage.tsx"

export const metadata: Metadata = { title: "Data set" }

export default async function DatasetRoute({ params }: { params: Promise<{ id: string }> }) {
  return <DatasetPage id={(await params).id} />
}
