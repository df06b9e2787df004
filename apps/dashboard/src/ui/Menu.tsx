"use client"

/** A button that opens a list of actions. The list's code is loaded when somebody comes near the button. */

import { type ComponentType, cloneElement, type ReactElement, useState } from "react"
import type { MenuProps } from "./MenuList.tsx"

type Trigger = ReactElement<Record<string, unknown>>

const list = () => import("./MenuList.tsx").then(({ MenuList }) => MenuList)

export function Menu({ trigger, entries }: MenuProps) {
  return <MenuOf trigger={trigger} load={list} props={{ entries }} />
}

type MenuOfProps<Props> = {
  trigger: Trigger
  /** Of the component that shows a MenuList with this trigger, and beside it what its entries open. */
  load: () => Promise<ComponentType<Props & { trigger: Trigger }>>
  props: Props
}

/** A menu whose entries do more than lead elsewhere: what they need is loaded with the list. */
export function MenuOf<Props extends object>({ trigger, load, props }: MenuOfProps<Props>) {
  const [List, setList] = useState<ComponentType<Props & { trigger: Trigger }>>()
  if (List !== undefined) return <List {...props} trigger={trigger} />
  return cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: () => void load(),
    onFocus: () => void load(),
    onClick: () => void load().then((loaded) => setList(() => loaded)),
  })
}
