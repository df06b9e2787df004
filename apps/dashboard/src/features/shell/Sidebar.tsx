"use client"

import { useQuery } from "@apollo/client/react"
import { ChevronsUpDown, CircleQuestionMark, Search } from "lucide-react"
import { usePathname } from "next/navigation"
import { ActiveRunsDocument } from "../../graphql/generated/graphql.ts"
import { keyNames } from "../../shortcuts/keyNames.ts"
import { Button, IconButton } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { Link } from "../../ui/Link.tsx"
import { MenuOf } from "../../ui/Menu.tsx"
import { Shortcut } from "../../ui/Shortcut.tsx"
import { runHref } from "../runs/runHref.ts"
import { Logo } from "./Logo.tsx"
import { isWithin, places } from "./navigation.ts"
import { openHelp, openPalette } from "./overlays.ts"
import { useSession } from "./Session.tsx"

const accountMenu = () => import("./AccountMenu.tsx").then(({ AccountMenu }) => AccountMenu)

export function Sidebar() {
  const path = usePathname()
  return (
    <aside className="sticky top-0 hidden h-dvh flex-col gap-4 border-border border-r bg-surface px-3 py-4 md:flex">
      <Link href="/" className="flex items-center gap-2.5 rounded-lg px-2 font-semibold text-lg tracking-tight">
        <Logo /> Fjord
      </Link>
      <button
        type="button"
        onClick={openPalette}
        className="flex items-center gap-2 rounded-xl border border-border bg-surface-secondary px-3 py-2 text-muted text-sm hover:text-foreground"
      >
        <Search aria-hidden="true" className="size-4" />
        <span className="flex-1 text-left">Go to…</span>
        <Shortcut>{keyNames("mod+k").join(" ")}</Shortcut>
      </button>
      <nav aria-label="Studio" className="flex flex-col gap-0.5">
        {places.map(({ href, label, icon: Icon }) => {
          const here = isWithin(href, path)
          return (
            <Link
              key={href}
              href={href}
              aria-current={here ? "page" : undefined}
              className={classes(
                "flex items-center gap-3 rounded-xl px-3 py-2 font-medium text-sm transition-colors",
                here
                  ? "bg-accent-soft text-accent-soft-foreground"
                  : "text-muted hover:bg-default hover:text-foreground",
              )}
            >
              <Icon aria-hidden="true" className="size-[1.125rem]" />
              {label}
            </Link>
          )
        })}
      </nav>
      <div className="flex-1" />
      <NowRunning />
      <Account />
    </aside>
  )
}

/** What the workers are busy with, two lines at most. */
function NowRunning() {
  const { team } = useSession()
  const { data } = useQuery(ActiveRunsDocument, { variables: { teamId: team.id } })
  const runs = data?.activeRuns ?? []
  if (runs.length === 0) return null
  return (
    <div className="flex flex-col gap-1 border-separator border-t pt-3">
      {runs.slice(0, 3).map((run) => (
        <Link key={run.id} href={runHref(run)} className="rounded-lg px-2 py-1.5 text-sm hover:bg-default">
          <span className="flex items-center gap-2">
            <span
              className={classes(
                "size-2 shrink-0 rounded-full",
                run.status === "RUNNING" ? "animate-pulse bg-success" : "bg-muted",
              )}
            />
            <span className="min-w-0 flex-1 truncate">{run.name}</span>
            <span className="text-muted text-xs tabular-nums">
              {run.status === "QUEUED"
                ? "waiting"
                : run.totalSteps
                  ? `${Math.floor((100 * (run.step ?? 0)) / run.totalSteps)} %`
                  : ""}
            </span>
          </span>
        </Link>
      ))}
    </div>
  )
}

function Account() {
  const { user, team } = useSession()
  return (
    <div className="flex items-center gap-1 border-separator border-t pt-3">
      <MenuOf
        trigger={
          <Button variant="ghost" className="h-auto! min-w-0 flex-1 justify-start px-2! py-1.5">
            <span className="grid size-8 shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-accent-soft-foreground text-sm">
              {user.name.slice(0, 1).toUpperCase()}
            </span>
            <span className="min-w-0 flex-1 text-left">
              <span className="block truncate font-medium text-sm leading-5">{user.name}</span>
              <span className="block truncate font-normal text-muted text-xs leading-4">{team.name}</span>
            </span>
            <ChevronsUpDown aria-hidden="true" className="text-muted" />
          </Button>
        }
        load={accountMenu}
        props={{}}
      />
      <IconButton label="Keys (?)" icon={<CircleQuestionMark />} onClick={openHelp} tipAlign="end" />
    </div>
  )
}
