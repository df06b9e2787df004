import type { Metadata } from "next"
import { AcceptInvitation } from "../../../../features/team/AcceptInvitation.tsx"

export const metadata: Metadata = { title: "Invitation", referrer: "no-referrer" }

export default async function InvitationPage({ params }: { params: Promise<{ token: string }> }) {
  return <AcceptInvitation token={(await params).token} />
}
