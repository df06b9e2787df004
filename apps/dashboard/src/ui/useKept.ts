"use client"

/** State that outlives its page, as long as the studio is open: who looks something up and comes back has lost no word. */

import { type Dispatch, type SetStateAction, useEffect, useState } from "react"

const kept = new Map<string, { occasion: string; value: unknown }>()

/**
 * @param place what the state is of; each place has one.
 * @param occasion a new one begins with `first` again; empty where anything kept will do.
 */
export function useKept<Value>(
  place: string,
  occasion: string,
  first: () => Value,
): [Value, Dispatch<SetStateAction<Value>>] {
  const [value, setValue] = useState<Value>(() => {
    const before = kept.get(place)
    const fits = before !== undefined && (occasion === "" || occasion === before.occasion)
    return fits ? (before.value as Value) : first()
  })
  useEffect(() => {
    kept.set(place, { value, occasion: occasion === "" ? (kept.get(place)?.occasion ?? "") : occasion })
  }, [place, occasion, value])
  return [value, setValue]
}
