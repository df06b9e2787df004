"use client"

import { WifiOff } from "lucide-react"
import { useEffect, useState, useSyncExternalStore } from "react"
import { connection } from "../../graphql/connection.ts"

/** Shown after two seconds without the live connection; shorter breaks mend themselves unseen. */
const patienceMs = 2_000

export function ConnectionNotice() {
  const state = useSyncExternalStore(connection.subscribe, connection.get, () => "idle" as const)
  const [shown, setShown] = useState(false)
  useEffect(() => {
    if (state !== "lost") {
      setShown(false)
      return
    }
    const timer = setTimeout(() => setShown(true), patienceMs)
    return () => clearTimeout(timer)
  }, [state])
  if (!shown) return null
  return (
    <div
      role="status"
      className="sticky top-0 z-40 flex items-center justify-center gap-2 bg-warning-soft px-4 py-1.5 text-sm text-warning-soft-foreground"
    >
      <WifiOff aria-hidden="true" className="size-4" />
      Connection lost: figures may be old. Reconnecting…
    </div>
  )
}
