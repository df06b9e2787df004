import type { Metadata } from "next"
import { SharedPage } from "../../../features/sharing/SharedPage.tsx"

export const metadata: Metadata = { title: "Shared", referrer: "no-referrer", robots: { index: false } }

export default async function SharedRoute({ params }: { params: Promise<{ token: string }> }) {
  return <SharedPage token={(await params).token} />
}
