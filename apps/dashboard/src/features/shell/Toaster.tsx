"use client"

import { useTheme } from "next-themes"
import { useEffect } from "react"
import { Toaster as SonnerToaster } from "sonner"
import { toastsAreShown } from "../../ui/toast.ts"

export function Toaster() {
  const { resolvedTheme } = useTheme()
  // Effects of children run first: the list listens by now.
  useEffect(toastsAreShown, [])
  return (
    <SonnerToaster
      position="bottom-right"
      theme={resolvedTheme === "dark" ? "dark" : "light"}
      toastOptions={{
        style: {
          background: "var(--overlay)",
          color: "var(--foreground)",
          borderColor: "var(--border)",
          borderRadius: "0.875rem",
          fontFamily: "var(--font-sans)",
        },
      }}
    />
  )
}
