"use client"

/** Models that are added to what draws: a menu of those that can be, and a list of those that are. */

import { Layers } from "lucide-react"
import type { ReactNode } from "react"
import { Button } from "../../ui/Button.tsx"
import { Menu } from "../../ui/Menu.tsx"
import { Panel } from "../../ui/Panel.tsx"

type AddedModelsProps<Model> = {
  title: string
  /** What it is for, shown while none is added. */
  hint: string
  added: number
  usable: readonly Model[]
  onAdd: (model: Model) => void
  /** A list item for each that is added. */
  children: ReactNode
}

/** Nothing where none is added and none can be. */
export function AddedModels<Model extends { name: string }>(props: AddedModelsProps<Model>) {
  const { title, hint, added, usable, onAdd, children } = props
  if (usable.length === 0 && added === 0) return null
  return (
    <Panel
      title={title}
      actions={
        usable.length > 0 && (
          <Menu
            trigger={
              <Button size="sm">
                <Layers /> Add
              </Button>
            }
            entries={usable.map((model) => ({ label: model.name, onSelect: () => onAdd(model) }))}
          />
        )
      }
    >
      {added === 0 && <p className="text-muted text-sm">{hint}</p>}
      <ul className="flex flex-col gap-3">{children}</ul>
    </Panel>
  )
}
