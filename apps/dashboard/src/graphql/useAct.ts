"use client"

/** Mutations whose answer is a union: the data, or an expected error that is told to the person. */

import type { OperationVariables, TypedDocumentNode } from "@apollo/client"
import { useApolloClient } from "@apollo/client/react"
import { useState } from "react"
import { toast } from "../ui/toast.ts"

/** The answer of a mutation's one field. */
type Answer<Data> = NonNullable<Data[Exclude<keyof Data, "__typename">]>
/** What it carries when it worked. */
type Success<Data> = Answer<Data> extends infer Union ? (Union extends { data: infer Value } ? Value : never) : never

export type Refusal = { message: string; field: string | undefined }

type Act<Data, Variables> = {
  /** @returns undefined when it was refused; the person has been told then. */
  act: (variables: Variables) => Promise<Success<Data> | undefined>
  busy: boolean
  refusal: Refusal | undefined
}

type Options = {
  /** Names of the queries to ask again afterwards, for lists that gain or lose something. */
  refetch?: string[]
  /** The refusal is shown in the form, not as a toast. */
  quiet?: boolean
}

/** @param document a function fetches it when it is first needed: what few visits do need not be in what all load. */
export function useAct<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables> | (() => Promise<TypedDocumentNode<Data, Variables>>),
  { refetch, quiet }: Options = {},
): Act<Data, Variables> {
  const client = useApolloClient()
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal>()
  const refuse = (message: string, field?: string) => {
    setRefusal({ message, field })
    if (!quiet) toast.error(message)
    return undefined
  }
  const act = async (variables: Variables): Promise<Success<Data> | undefined> => {
    setRefusal(undefined)
    setBusy(true)
    try {
      const mutation = typeof document === "function" ? await document() : document
      const { data } = await client.mutate<Data, OperationVariables>({ mutation, variables })
      // Only lists that are shown are asked for again; asking for others would be a warning.
      const stale = new Set(refetch)
      await client.refetchQueries({ include: "active", onQueryUpdated: (query) => stale.has(query.queryName ?? "") })
      const answer = Object.values(data ?? {}).find(isAnswer)
      if (answer === undefined) return refuse("The server gave no answer. Try again.")
      if ("data" in answer) return answer.data as Success<Data>
      return refuse(answer.message, answer.field ?? undefined)
    } catch (error) {
      return refuse(error instanceof Error ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }
  return { act, busy, refusal }
}

type RawAnswer = { data: unknown } | { message: string; field?: string | null }
const isAnswer = (value: unknown): value is RawAnswer =>
  typeof value === "object" && value !== null && ("data" in value || "message" in value)
