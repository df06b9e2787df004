import type { Metadata } from "next"
import { Suspense } from "react"
import { AccountForm } from "../../../features/account/AccountForm.tsx"

export const metadata: Metadata = { title: "Sign up" }

export default function SignPage() {
  return (
    <Suspense>
      <AccountForm mode="sign-up" />
    </Suspense>
  )
}
