import type { Metadata } from "next"
import { Suspense } from "react"
import { AccountForm } from "../../../features/account/AccountForm.tsx"

export const metadata: Metadata = { title: "Sign in" }

export default function SignPage() {
  return (
    <Suspense>
      <AccountForm mode="sign-in" />
    </Suspense>
  )
}
