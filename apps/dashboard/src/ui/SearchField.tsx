import { Search } from "lucide-react"
import { classes } from "./classes.ts"

type SearchFieldProps = { label: string; value: string; onChange: (value: string) => void; className?: string }

/** "/" puts the cursor here; Escape empties it. */
export function SearchField({ label, value, onChange, className }: SearchFieldProps) {
  return (
    <div className={classes("relative min-w-40", className)}>
      <Search
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted"
      />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return
          onChange("")
          event.currentTarget.blur()
        }}
        className="field pl-9!"
      />
    </div>
  )
}
