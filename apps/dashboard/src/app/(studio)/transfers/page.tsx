import type { Metadata } from "next"
import { TransferList } from "../../../features/hub/TransferList.tsx"

export const metadata: Metadata = { title: "Transfers" }

export default function TransfersPage() {
  return <TransferList />
}
