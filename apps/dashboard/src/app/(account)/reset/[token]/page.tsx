import type { Metadata } from "next"
import { ResetPassword } from "../../../../features/account/ResetPassword.tsx"

export const metadata: Metadata = { title: "New password", referrer: "no-referrer" }

export default async function ResetPage({ params }: { params: Promise<{ token: string }> }) {
  return <ResetPassword token={(await params).token} />
}
