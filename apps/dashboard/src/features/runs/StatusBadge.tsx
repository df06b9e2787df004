import { CircleCheck, CircleDashed, CircleSlash, CircleX, LoaderCircle } from "lucide-react"
import type { RunStatus } from "../../graphql/generated/graphql.ts"
import { classes } from "../../ui/classes.ts"

const looks = {
  QUEUED: { icon: CircleDashed, word: "Waiting", look: "bg-default text-default-foreground" },
  RUNNING: { icon: LoaderCircle, word: "Running", look: "bg-accent-soft text-accent-soft-foreground" },
  SUCCEEDED: { icon: CircleCheck, word: "Done", look: "bg-success-soft text-success-soft-foreground" },
  FAILED: { icon: CircleX, word: "Failed", look: "bg-danger-soft text-danger-soft-foreground" },
  CANCELLED: { icon: CircleSlash, word: "Stopped", look: "bg-default text-default-foreground" },
} as const satisfies Record<RunStatus, unknown>

/** @param stale the run should be running, but its worker gives no sign of life. */
export function StatusBadge({ status, stale = false }: { status: RunStatus; stale?: boolean }) {
  const { icon: Icon, word, look } = looks[status]
  return (
    <span
      className={classes(
        "inline-flex shrink-0 items-center gap-1.5 rounded-full px-2 py-0.5 font-medium text-xs",
        stale ? "bg-warning-soft text-warning-soft-foreground" : look,
      )}
    >
      <Icon
        aria-hidden="true"
        className={classes("size-3.5", status === "RUNNING" && !stale && "animate-spin [animation-duration:3s]")}
      />
      {stale ? "No sign of life" : word}
    </span>
  )
}
