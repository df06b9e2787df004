"use client"

/** The list of a menu, with its keys and its place on the page. */

import { Menu as BaseMenu } from "@base-ui/react/menu"
import type { ReactElement, ReactNode } from "react"
import { classes } from "./classes.ts"
import { Link } from "./Link.tsx"

export type MenuEntry =
  | { label: string; icon?: ReactNode; onSelect: () => void; danger?: boolean }
  | { label: string; icon?: ReactNode; href: string; download?: boolean }
  | "separator"

const itemLook =
  "flex w-full cursor-default select-none items-center gap-2.5 rounded-lg px-2.5 py-2 text-sm outline-none data-highlighted:bg-default [&>svg]:size-4 [&>svg]:text-muted"

export type MenuProps = {
  trigger: ReactElement<Record<string, unknown>>
  entries: readonly MenuEntry[]
}

export function MenuList({ trigger, entries }: MenuProps) {
  return (
    <BaseMenu.Root modal={false} defaultOpen>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner className="z-50 outline-none" sideOffset={6} align="end" collisionPadding={8}>
          <BaseMenu.Popup className="min-w-48 rounded-xl border border-border bg-overlay p-1 text-overlay-foreground shadow-overlay outline-none">
            {entries.map((entry, index) => {
              // Entries are a fixed list, so that a place identifies a separator.
              if (entry === "separator")
                return (
                  <BaseMenu.Separator key={`separator-${index.toString()}`} className="mx-2 my-1 h-px bg-separator" />
                )
              if ("href" in entry)
                return (
                  <BaseMenu.Item
                    key={entry.label}
                    className={itemLook}
                    // The item's content becomes the link's.
                    // biome-ignore lint/a11y/useAnchorContent: see above.
                    render={entry.download ? <a href={entry.href} download /> : <Link href={entry.href} />}
                  >
                    {entry.icon}
                    {entry.label}
                  </BaseMenu.Item>
                )
              return (
                <BaseMenu.Item
                  key={entry.label}
                  className={classes(itemLook, entry.danger && "text-danger-soft-foreground [&>svg]:text-current")}
                  onClick={entry.onSelect}
                >
                  {entry.icon}
                  {entry.label}
                </BaseMenu.Item>
              )
            })}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  )
}
