"use client"

/** Views of one thing, one visible at a time. The arrow keys, Home and End go from tab to tab. */

import { type KeyboardEvent, type ReactNode, useId } from "react"

export type Tab = { value: string; label: string; icon?: ReactNode; count?: number; content: ReactNode }

type TabsProps = {
  tabs: readonly Tab[]
  /** An unknown one stands for the first. */
  value: string
  onChange: (value: string) => void
}

export function Tabs({ tabs, value, onChange }: TabsProps) {
  const id = useId()
  const index = Math.max(
    0,
    tabs.findIndex((tab) => tab.value === value),
  )
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: index - 1,
      ArrowRight: index + 1,
      Home: 0,
      End: tabs.length - 1,
    }
    const next = steps[event.key]
    if (next === undefined) return
    event.preventDefault()
    const place = (next + tabs.length) % tabs.length
    event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]")[place]?.focus()
    const tab = tabs[place]
    if (tab !== undefined) onChange(tab.value)
  }
  return (
    <div>
      <div
        role="tablist"
        onKeyDown={onKeyDown}
        className="-mx-1 mb-4 flex gap-1 overflow-x-auto overflow-y-hidden border-separator border-b px-1"
      >
        {tabs.map((tab, place) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`${id}-tab-${tab.value}`}
            aria-selected={place === index}
            aria-controls={`${id}-panel`}
            tabIndex={place === index ? 0 : -1}
            onClick={() => onChange(tab.value)}
            className="-mb-px flex shrink-0 cursor-pointer items-center gap-2 rounded-t-lg border-transparent border-b-2 px-3 py-2.5 font-medium text-muted text-sm hover:text-foreground aria-selected:border-accent aria-selected:text-foreground [&>svg]:size-4"
          >
            {tab.icon}
            {tab.label}
            {tab.count !== undefined && <span className="chip chip--default text-muted tabular-nums">{tab.count}</span>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-tab-${tabs[index]?.value}`}>
        {tabs[index]?.content}
      </div>
    </div>
  )
}
