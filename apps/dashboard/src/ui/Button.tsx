/** Buttons and links that look like them. A button that cannot act says why: give `reason` instead of `disabled`. */

import type { ButtonHTMLAttributes, ComponentProps, ReactNode } from "react"
import { classes } from "./classes.ts"
import { Link } from "./Link.tsx"
import { Spinner } from "./Spinner.tsx"

type Variant = "primary" | "secondary" | "tertiary" | "ghost" | "outline" | "danger" | "danger-soft"
type Size = "sm" | "md" | "lg"

const look = (variant: Variant, size: Size, iconOnly: boolean, className?: string) =>
  classes(
    "button",
    `button--${variant}`,
    size !== "md" && `button--${size}`,
    iconOnly && "button--icon-only",
    className,
  )

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  variant?: Variant
  size?: Size
  busy?: boolean
  /** Why the button cannot be used now; it stays focusable and shows the reason. `className` then places its frame. */
  reason?: string | undefined
}

export function Button(props: ButtonProps) {
  const { variant = "tertiary", size = "md", busy, reason, className, children, ...rest } = props
  const blocked = busy === true || reason !== undefined
  // Where there may be a reason, its frame is there always: a button that is framed anew would lose the focus.
  const framed = "reason" in props
  const button = (
    <button
      type="button"
      {...rest}
      className={look(variant, size, false, framed ? "w-full" : className)}
      aria-disabled={blocked || undefined}
      aria-busy={busy || undefined}
      aria-description={reason}
      onClick={(event) => (blocked ? event.preventDefault() : rest.onClick?.(event))}
    >
      {busy ? <Spinner /> : null}
      {children}
    </button>
  )
  if (!framed) return button
  return (
    <span className={classes("inline-flex", reason !== undefined && "tip", className)} data-tip={reason}>
      {button}
    </span>
  )
}

type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> & {
  /** What the button does, in two or three words. */
  label: string
  icon: ReactNode
  variant?: Variant
  size?: Size
  tipSide?: "top" | "bottom"
  tipAlign?: "end"
}

export function IconButton({
  label,
  icon,
  variant = "ghost",
  size = "sm",
  tipSide,
  tipAlign,
  className,
  ...rest
}: IconButtonProps) {
  return (
    <span className="tip inline-flex" data-tip={label} data-side={tipSide} data-align={tipAlign}>
      <button type="button" aria-label={label} {...rest} className={look(variant, size, true, className)}>
        {icon}
      </button>
    </span>
  )
}

type LinkButtonProps = ComponentProps<typeof Link> & { variant?: Variant; size?: Size }

export function LinkButton({ variant = "tertiary", size = "md", className, ...rest }: LinkButtonProps) {
  return <Link {...rest} className={look(variant, size, false, className)} />
}
