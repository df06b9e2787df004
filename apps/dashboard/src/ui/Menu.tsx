"use client"

/** A button that opens a list of actions. The list's code is loaded when somebody comes near the button. */

import { type ComponentType, cloneElement, useState } from "react"
import type { MenuProps } from "./MenuList.tsx"

export type { MenuEntry } from "./MenuList.tsx"

const load = () => import("./MenuList.tsx")

export function Menu({ trigger, entries }: MenuProps) {
  const [List, setList] = useState<ComponentType<MenuProps>>()
  if (List !== undefined) return <List trigger={trigger} entries={entries} />
  return cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: () => void load(),
    onFocus: () => void load(),
    onClick: () => void load().then(({ MenuList }) => setList(() => MenuList)),
  })
}
