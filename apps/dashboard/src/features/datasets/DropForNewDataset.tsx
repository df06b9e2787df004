"use client"

/** Where no data set is open, dropped and pasted pictures get a new one. */

import { useRouter } from "next/navigation"
import { CreateDatasetDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { useSession } from "../shell/Session.tsx"
import { DropAnywhere } from "./DropAnywhere.tsx"
import { handOver } from "./handOver.ts"

/** Names have at most 100 characters; the time takes 20. */
const nameLength = 80

export function DropForNewDataset() {
  const { team, readOnly } = useSession()
  const router = useRouter()
  const create = useAct(CreateDatasetDocument)
  if (readOnly !== undefined) return null
  const take = async (files: File[], name = "New pictures") => {
    if (files.length === 0) return
    // With the time, no name is taken already.
    const time = new Date().toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" })
    const dataset = await create.act({ teamId: team.id, name: `${name.slice(0, nameLength)}, ${time}` })
    if (dataset === undefined) return
    handOver(dataset.id, files)
    router.push(`/datasets/${dataset.id}`)
  }
  return <DropAnywhere onFiles={take} hint="Drop to make a data set of them" />
}
