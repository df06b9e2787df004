"use client"

/** Pages, things and deeds by a few letters. The server searches the names, so that nothing is out of reach. */

import { useQuery } from "@apollo/client/react"
import { Command } from "cmdk"
import {
  ArrowLeftRight,
  Boxes,
  FolderHeart,
  Grid3x3,
  Images,
  Keyboard,
  LogOut,
  Moon,
  Plus,
  Sun,
  TrendingDown,
} from "lucide-react"
import { useRouter } from "next/navigation"
import { useTheme } from "next-themes"
import { type ReactNode, useState } from "react"
import { PaletteDocument } from "../../graphql/generated/graphql.ts"
import { keyNames } from "../../shortcuts/keyNames.ts"
import { Shortcut } from "../../ui/Shortcut.tsx"
import { signOut } from "../account/signOut.ts"
import { useSettled } from "../start/useSettled.ts"
import { places } from "./navigation.ts"
import { openHelp } from "./overlays.ts"
import { useSession } from "./Session.tsx"

export function PaletteDialog({ onClose }: { onClose: () => void }) {
  const router = useRouter()
  const { team } = useSession()
  const { resolvedTheme, setTheme } = useTheme()
  const [typed, setTyped] = useState("")
  const search = useSettled(typed.trim(), 150)
  const query = useQuery(PaletteDocument, {
    variables: { teamId: team.id, search: search || null },
    fetchPolicy: "cache-and-network",
  })
  const data = query.data ?? query.previousData
  const dark = resolvedTheme === "dark"
  const item = (key: string, label: string, icon: ReactNode, to: string | (() => void), keys?: string) => (
    <Command.Item
      key={key}
      value={`${label} ${key}`}
      onSelect={() => {
        onClose()
        if (typeof to === "string") router.push(to)
        else to()
      }}
      className="flex cursor-default items-center gap-3 rounded-lg px-3 py-2 text-sm data-[selected=true]:bg-default [&>svg]:size-4 [&>svg]:text-muted"
    >
      {icon}
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {keys !== undefined && (
        <span className="flex gap-1">
          {keyNames(keys).map((name) => (
            <Shortcut key={name}>{name}</Shortcut>
          ))}
        </span>
      )}
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
        onValueChange={setTyped}
        placeholder="Go to a page, a run, a data set, a model…"
        className="w-full border-separator border-b bg-transparent px-5 py-4 outline-none placeholder:text-field-placeholder"
      />
      <Command.List className="max-h-[55dvh] overflow-y-auto p-2 [&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted [&_[cmdk-group-heading]]:text-xs">
        <Command.Empty className="px-3 py-6 text-center text-muted text-sm">
          {query.loading ? "Searching…" : "Nothing has that name."}
        </Command.Empty>
        <Command.Group heading="Do">
          {item("new-run", "Start a run", <Plus />, "/runs/new")}
          {item("new-dataset", "New data set", <Plus />, "/datasets?new=1")}
          {item("grid", "Draw a grid", <Grid3x3 />, "/generate/grid")}
        </Command.Group>
        <Command.Group heading="Places">
          {places.map(({ href, label, icon: Icon, keys }) => item(href, label, <Icon />, href, keys))}
          {item("transfers", "Transfers", <ArrowLeftRight />, "/transfers")}
        </Command.Group>
        <Command.Group heading="Runs">
          {data?.trainingRuns.edges.map(({ node }) => item(node.id, node.name, <TrendingDown />, `/runs/${node.id}`))}
        </Command.Group>
        <Command.Group heading="Data sets">
          {data?.datasets.edges.map(({ node }) => item(node.id, node.name, <Images />, `/datasets/${node.id}`))}
        </Command.Group>
        <Command.Group heading="Models">
          {data?.models.edges.map(({ node }) => item(node.id, node.name, <Boxes />, `/models/${node.id}`))}
        </Command.Group>
        <Command.Group heading="Boards">
          {data?.boards.map((board) => item(board.id, board.name, <FolderHeart />, `/generate?board=${board.id}`))}
        </Command.Group>
        <Command.Group heading="Studio">
          {item("theme", dark ? "Light" : "Dark", dark ? <Sun /> : <Moon />, () => setTheme(dark ? "light" : "dark"))}
          {item("keys", "Show all keys", <Keyboard />, openHelp, "?")}
          {item("sign-out", "Sign out", <LogOut />, () => void signOut())}
        </Command.Group>
      </Command.List>
    </Command.Dialog>
  )
}
