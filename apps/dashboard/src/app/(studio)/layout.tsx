import type { ReactNode } from "react"
import { Studio } from "../../features/shell/Studio.tsx"

export default function StudioLayout({ children }: { children: ReactNode }) {
  return <Studio>{children}</Studio>
}
