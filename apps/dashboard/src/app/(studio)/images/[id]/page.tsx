import type { Metadata } from "next"
import { ImagePage } from "../../../../features/generate/ImagePage.tsx"

export const metadata: Metadata = { title: "Image" }

export default async function ImageRoute({ params }: { params: Promise<{ id: string }> }) {
  return <ImagePage id={(await params).id} />
}
