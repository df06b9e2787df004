import type { Metadata } from "next"
import { ModelList } from "../../../features/models/ModelList.tsx"

export const metadata: Metadata = { title: "Models" }

export default function ModelsPage() {
  return <ModelList />
}
