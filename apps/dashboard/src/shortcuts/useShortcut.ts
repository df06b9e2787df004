"use client"

import { useEffect, useEffectEvent } from "react"
import { registerShortcut } from "./shortcuts.ts"

/** While the component is shown, `keys` run `run`; listed under `group` in the help dialog. */
export function useShortcut(keys: string, label: string, group: string, run: () => void, enabled = true) {
  const latest = useEffectEvent(run)
  useEffect(() => {
    if (!enabled) return
    return registerShortcut({ keys, label, group, run: () => latest() })
  }, [keys, label, group, enabled])
}
