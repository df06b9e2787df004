"use client"

import { useRouter } from "next/navigation"
import { PushDatasetDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { PushForm } from "./PushForm.tsx"

export function PushDataset({ dataset, onClose }: { dataset: { id: string; name: string }; onClose: () => void }) {
  const router = useRouter()
  const push = useAct(PushDatasetDocument, { quiet: true })
  const pushTo = async (repo: string, isPrivate: boolean) => {
    const transfer = await push.act({ datasetId: dataset.id, repo, private: isPrivate })
    if (transfer !== undefined) router.push(`/transfers/${transfer.id}`)
  }
  return (
    <PushForm
      title={`Push ${dataset.name}`}
      name={dataset.name}
      busy={push.busy}
      problem={push.refusal?.message}
      onPush={pushTo}
      onClose={onClose}
    />
  )
}
