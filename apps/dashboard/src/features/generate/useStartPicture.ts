"use client"

/** A picture from this computer to start from. Only pictures of the studio can be drawn on, so it goes into a data set first. */

import { useApolloClient } from "@apollo/client/react"
import { useState } from "react"
import {
  CreateDatasetDocument,
  DatasetByNameDocument,
  RequestUploadsDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { toast } from "../../ui/toast.ts"
import { refuseEarly, sendFile } from "../datasets/uploadQueue.ts"
import { firstStrength, type StartImage } from "./generation.ts"

export const startPicturesName = "Pictures to start from"

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
    const sent = await sendFile(file, address.url, () => undefined)
    if (!sent.stored) return refuse(file, sent.broken ? "The connection broke. Choose it again." : sent.problem)
    const [image] = sent.images
    if (image === undefined) return refuse(file, "The server found no picture in it.")
    return { kind: "image", id: image.id, url: URL.createObjectURL(file), strength: firstStrength }
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
