/** Labelled form fields: a label, the field, a hint that gives the reason, an error that says what to do. */

import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react"
import { classes } from "./classes.ts"

type Frame = {
  label: ReactNode
  hint?: ReactNode
  error?: string | undefined
  /** At the right of the label, e.g. a token count. */
  aside?: ReactNode
  /** The label is read out but not shown. */
  hideLabel?: boolean
  className?: string
}

type Described = { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean }

function Framed({
  label,
  hint,
  error,
  aside,
  hideLabel,
  className,
  field,
}: Frame & { field: (own: Described) => ReactNode }) {
  const id = useId()
  const noteId = `${id}-note`
  const note = error ?? (hint === "" ? undefined : hint)
  return (
    <div className={classes("flex min-w-0 flex-col gap-1.5", className)}>
      <div className={hideLabel ? "sr-only" : "flex items-baseline justify-between gap-3"}>
        <label htmlFor={id} className="font-medium text-sm">
          {label}
        </label>
        {aside !== undefined && <span className="text-muted text-xs tabular-nums">{aside}</span>}
      </div>
      {field({ id, "aria-describedby": note === undefined ? undefined : noteId, "aria-invalid": error !== undefined })}
      {note !== undefined && (
        <p
          id={noteId}
          role={error === undefined ? undefined : "alert"}
          className={classes("text-xs leading-5", error === undefined ? "text-muted" : "text-danger-soft-foreground")}
        >
          {note}
        </p>
      )}
    </div>
  )
}

export function TextField({
  label,
  hint,
  error,
  aside,
  hideLabel,
  className,
  ...input
}: Frame & InputHTMLAttributes<HTMLInputElement>) {
  const frame = { label, hint, error, aside, hideLabel: hideLabel ?? false, className: className ?? "" }
  return <Framed {...frame} field={(own) => <input type="text" {...input} {...own} className="field" />} />
}

export function TextArea({
  label,
  hint,
  error,
  aside,
  hideLabel,
  className,
  ...area
}: Frame & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const frame = { label, hint, error, aside, hideLabel: hideLabel ?? false, className: className ?? "" }
  return <Framed {...frame} field={(own) => <textarea rows={3} {...area} {...own} className="field resize-y" />} />
}

type Choice = { value: string; label: string }

export function SelectField({
  label,
  hint,
  error,
  aside,
  hideLabel,
  className,
  choices,
  ...select
}: Frame & SelectHTMLAttributes<HTMLSelectElement> & { choices: readonly Choice[] }) {
  const frame = { label, hint, error, aside, hideLabel: hideLabel ?? false, className: className ?? "" }
  return (
    <Framed
      {...frame}
      field={(own) => (
        <select {...select} {...own} className="field appearance-auto">
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    />
  )
}

type SwitchProps = {
  label: ReactNode
  hint?: ReactNode
  checked: boolean
  onChange: (checked: boolean) => void
  className?: string
}

export function SwitchField({ label, hint, checked, onChange, className }: SwitchProps) {
  const id = useId()
  return (
    <div className={classes("flex items-start justify-between gap-3", className)}>
      <div className="min-w-0">
        <label htmlFor={id} className="font-medium text-sm">
          {label}
        </label>
        {hint !== undefined && hint !== "" && (
          <p id={`${id}-note`} className="text-muted text-xs leading-5">
            {hint}
          </p>
        )}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        aria-describedby={hint === undefined ? undefined : `${id}-note`}
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="relative mt-0.5 h-6 w-10 shrink-0 cursor-pointer appearance-none rounded-full border border-[color-mix(in_oklab,var(--border)_40%,var(--foreground)_45%)] bg-default transition-colors before:absolute before:top-0.5 before:left-0.5 before:size-[1.125rem] before:rounded-full before:bg-[color-mix(in_oklab,var(--surface)_30%,var(--foreground)_70%)] before:transition-transform checked:border-accent checked:bg-accent checked:before:translate-x-4 checked:before:bg-accent-foreground"
      />
    </div>
  )
}
