"use client"

/** The frame around every page of the studio: navigation, keys, palette, help, live connection. */

import type { ReactNode } from "react"
import { useKeyboard } from "../../shortcuts/useKeyboard.ts"
import { ConnectionNotice } from "./ConnectionNotice.tsx"
import { Help } from "./Help.tsx"
import { LiveRuns } from "./LiveRuns.tsx"
import { Palette } from "./Palette.tsx"
import { PhoneBar } from "./PhoneBar.tsx"
import { SessionGate } from "./Session.tsx"
import { Sidebar } from "./Sidebar.tsx"

export function Studio({ children }: { children: ReactNode }) {
  useKeyboard()
  return (
    <>
      <a
        href="#content"
        className="sr-only z-50 rounded-lg bg-accent px-4 py-2 text-accent-foreground focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to content
      </a>
      <div className="md:grid md:grid-cols-[15rem_minmax(0,1fr)]">
        <SessionGate>
          <Sidebar />
          <div className="flex min-h-dvh min-w-0 flex-col overflow-x-clip pb-20 md:pb-0">
            <PhoneBar />
            <ConnectionNotice />
            <main id="content" tabIndex={-1} className="flex-1 outline-none">
              {children}
            </main>
          </div>
          <LiveRuns />
          <Palette />
          <Help />
        </SessionGate>
      </div>
    </>
  )
}
