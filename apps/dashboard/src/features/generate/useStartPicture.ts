"use client"

/** A picture from this computer to start from. Only pictures of the studio can be drawn on, so it goes into a data set first. */

import { useApolloClient } from "@apollo/client/react"
import { useState } from "react"
import { z } from "zod/mini"
import {
  CreateDatasetDocument,
  DatasetByNameDocument,
  RequestUploadsDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { toast } from "../../ui/toast.ts"
import { refuseEarly } from "../datasets/uploadQueue.ts"
import { firstStrength, type StartImage } from "./generation.ts"

export const startPicturesName = "Pictures to start from"

const answer = z.object({
  images: z.optional(z.array(z.object({ id: z.string() }))),
  problem: z.optional(z.nullable(z.string())),
})

/** @returns `take` sends a picture; undefined when it was refused, and the person has been told why. */
export function useStartPicture(teamId: string) {
  const client = useApolloClient()
  const [busy, setBusy] = useState(false)
  const create = useAct(CreateDatasetDocument)
  const request = useAct(RequestUploadsDocument)

  const home = async (): Promise<string | undefined> => {
    const { data } = await client.query({
      query: DatasetByNameDocument,
      variables: { teamId, name: startPicturesName },
      fetchPolicy: "network-only",
    })
    const known = data?.datasets.edges.find(({ node }) => node.name === startPicturesName)
    return known?.node.id ?? (await create.act({ teamId, name: startPicturesName }))?.id
  }
  const refuse = (file: File, problem: string) => {
    toast.error(`${file.name}: ${problem}`)
    return undefined
  }
  const send = async (file: File): Promise<StartImage | undefined> => {
    const early = refuseEarly(file)
    if (early !== undefined) return refuse(file, early)
    const datasetId = await home()
    if (datasetId === undefined) return undefined
    const [address] = (await request.act({ datasetId, files: [{ name: file.name, byteSize: file.size }] })) ?? []
    if (address === undefined) return undefined
    const response = await fetch(address.url, { method: "PUT", body: file }).catch(() => undefined)
    if (response === undefined) return refuse(file, "The connection broke. Choose it again.")
    const { data: said } = answer.safeParse(await response.json().catch(() => undefined))
    const id = said?.images?.[0]?.id
    if (id === undefined) return refuse(file, said?.problem ?? `The server refused it with status ${response.status}.`)
    return { kind: "image", id, url: URL.createObjectURL(file), strength: firstStrength }
  }
  const take = async (file: File): Promise<StartImage | undefined> => {
    setBusy(true)
    try {
      return await send(file)
    } catch (error) {
      return refuse(file, error instanceof Error ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }
  return { take, busy }
}
