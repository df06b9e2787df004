import type { Metadata } from "next"
import { RunList } from "../../../features/runs/RunList.tsx"

export const metadata: Metadata = { title: "Runs" }

export default function RunsPage() {
  return <RunList />
}
