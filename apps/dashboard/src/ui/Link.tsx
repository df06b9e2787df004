"use client"

import { useRouter } from "next/navigation"
import type { ComponentProps, MouseEvent } from "react"

/** Clicks that mean another tab, another window or a download are the browser's. */
const isPlain = ({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent) =>
  button === 0 && !metaKey && !ctrlKey && !shiftKey && !altKey

/**
 * A link within the studio. The page behind it is fetched when the pointer or the focus comes near: next/link fetches
 * whatever is in sight, and the pages behind the links of one page weigh as much as that page's own code.
 */
export function Link({ href, onClick, onPointerEnter, onFocus, ...rest }: ComponentProps<"a"> & { href: string }) {
  const router = useRouter()
  return (
    <a
      {...rest}
      href={href}
      onPointerEnter={(event) => {
        router.prefetch(href)
        onPointerEnter?.(event)
      }}
      onFocus={(event) => {
        router.prefetch(href)
        onFocus?.(event)
      }}
      onClick={(event) => {
        onClick?.(event)
        if (event.defaultPrevented || !isPlain(event)) return
        event.preventDefault()
        router.push(href)
      }}
    />
  )
}
