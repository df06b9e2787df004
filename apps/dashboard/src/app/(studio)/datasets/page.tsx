import type { Metadata } from "next"
import { Suspense } from "react"
import { DatasetList } from "../../../features/datasets/DatasetList.tsx"

export const metadata: Metadata = { title: "Data sets" }

export default function DatasetsPage() {
  return (
    <Suspense>
      <DatasetList />
    </Suspense>
  )
}
