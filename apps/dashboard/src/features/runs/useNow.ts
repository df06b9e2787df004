"use client"

import { useEffect, useState } from "react"

/** The time in milliseconds, renewed every `ms` while `ticking`. */
export function useNow(ms: number, ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!ticking) return
    const timer = setInterval(() => setNow(Date.now()), ms)
    return () => clearInterval(timer)
  }, [ms, ticking])
  return now
}
