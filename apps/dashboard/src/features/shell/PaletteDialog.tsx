"use client"

import { useQuery } from "@apollo/client/react"
import { Command } from "cmdk"
import { Box, Image, Plus, TrendingDown } from "lucide-react"
import { useRouter } from "next/navigation"
import type { ReactNode } from "react"
import { PaletteDocument } from "../../graphql/generated/graphql.ts"
import { Shortcut } from "../../ui/Shortcut.tsx"
import { places } from "./navigation.ts"
import { useSession } from "./Session.tsx"

export function PaletteDialog({ onClose }: { onClose: () => void }) {
  const router = useRouter()
  const { team } = useSession()
  const { data } = useQuery(PaletteDocument, { variables: { teamId: team.id }, fetchPolicy: "cache-and-network" })
  const go = (href: string) => {
    onClose()
    router.push(href)
  }
  const item = (key: string, label: string, icon: ReactNode, href: string, keys?: string) => (
    <Command.Item
      key={key}
      value={`${label} ${key}`}
      onSelect={() => go(href)}
      className="flex cursor-default items-center gap-3 rounded-lg px-3 py-2 text-sm data-[selected=true]:bg-default [&>svg]:size-4 [&>svg]:text-muted"
    >
      {icon}
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {keys !== undefined && <Shortcut>{keys}</Shortcut>}
    </Command.Item>
  )
  return (
    <Command.Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      label="Go to"
      overlayClassName="fixed inset-0 z-50 bg-backdrop"
      contentClassName="fixed inset-x-4 top-[12dvh] z-50 mx-auto max-w-xl overflow-hidden rounded-2xl border border-border bg-overlay text-overlay-foreground shadow-overlay"
    >
      <Command.Input
        placeholder="Go to a page, a run, a data set, a model…"
        className="w-full border-separator border-b bg-transparent px-5 py-4 outline-none placeholder:text-field-placeholder"
      />
      <Command.List className="max-h-[55dvh] overflow-y-auto p-2 [&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted [&_[cmdk-group-heading]]:text-xs">
        <Command.Empty className="px-3 py-6 text-center text-muted text-sm">Nothing has that name.</Command.Empty>
        <Command.Group heading="Do">
          {item("new-run", "Start a run", <Plus />, "/runs/new")}
          {item("new-dataset", "New data set", <Plus />, "/datasets?new=1")}
        </Command.Group>
        <Command.Group heading="Places">
          {places.map(({ href, label, icon: Icon, keys }) => item(href, label, <Icon />, href, keys.toUpperCase()))}
        </Command.Group>
        <Command.Group heading="Runs">
          {data?.trainingRuns.edges.map(({ node }) => item(node.id, node.name, <TrendingDown />, `/runs/${node.id}`))}
        </Command.Group>
        <Command.Group heading="Data sets">
          {data?.datasets.edges.map(({ node }) => item(node.id, node.name, <Image />, `/datasets/${node.id}`))}
        </Command.Group>
        <Command.Group heading="Models">
          {data?.models.edges.map(({ node }) => item(node.id, node.name, <Box />, `/models/${node.id}`))}
        </Command.Group>
      </Command.List>
    </Command.Dialog>
  )
}
