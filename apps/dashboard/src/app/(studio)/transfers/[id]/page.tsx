import type { Metadata } from "next"
import { TransferPage } from "../../../../features/hub/TransferPage.tsx"

export const metadata: Metadata = { title: "Transfer" }

export default async function TransferRoute({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  return <TransferPage key={id} id={id} />
}
