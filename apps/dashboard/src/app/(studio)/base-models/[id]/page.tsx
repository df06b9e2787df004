import type { Metadata } from "next"
import { BaseModelPage } from "../../../../features/models/BaseModelPage.tsx"

export const metadata: Metadata = { title: "Base model" }

export default async function BaseModelRoute({ params }: { params: Promise<{ id: string }> }) {
  return <BaseModelPage id={(await params).id} />
}
