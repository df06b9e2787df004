"use client"

/** Views of one thing, one visible at a time. */

import { Tabs as BaseTabs } from "@base-ui/react/tabs"
import type { ReactNode } from "react"

export type Tab = { value: string; label: string; icon?: ReactNode; count?: number; content: ReactNode }

export function Tabs({
  tabs,
  value,
  onChange,
}: {
  tabs: readonly Tab[]
  value: string
  onChange: (value: string) => void
}) {
  return (
    <BaseTabs.Root value={value} onValueChange={(next) => onChange(String(next))}>
      <BaseTabs.List className="-mx-1 mb-4 flex gap-1 overflow-x-auto border-separator border-b px-1">
        {tabs.map((tab) => (
          <BaseTabs.Tab
            key={tab.value}
            value={tab.value}
            className="-mb-px flex shrink-0 cursor-pointer items-center gap-2 rounded-t-lg border-transparent border-b-2 px-3 py-2.5 font-medium text-muted text-sm hover:text-foreground data-active:border-accent data-active:text-foreground [&>svg]:size-4"
          >
            {tab.icon}
            {tab.label}
            {tab.count !== undefined && <span className="chip chip--default text-muted tabular-nums">{tab.count}</span>}
          </BaseTabs.Tab>
        ))}
      </BaseTabs.List>
      {tabs.map((tab) => (
        <BaseTabs.Panel key={tab.value} value={tab.value} className="outline-none">
          {tab.content}
        </BaseTabs.Panel>
      ))}
    </BaseTabs.Root>
  )
}
