import type { ReactNode } from "react"
import { AccountScene } from "../../features/account/AccountScene.tsx"

export default function AccountLayout({ children }: { children: ReactNode }) {
  return <AccountScene>{children}</AccountScene>
}
