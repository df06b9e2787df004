"use client"

import { useTheme } from "next-themes"
import { Toaster } from "sonner"

export function Toasts() {
  const { resolvedTheme } = useTheme()
  return (
    <Toaster
      position="bottom-right"
      theme={resolvedTheme === "dark" ? "dark" : "light"}
      toastOptions={{
        style: {
          background: "var(--overlay)",
          color: "var(--foreground)",
          borderColor: "var(--border)",
          borderRadius: "0.875rem",
          fontFamily: "inherit",
        },
      }}
    />
  )
}
