"use client"

import NextLink from "next/link"
import { type ComponentProps, useState } from "react"

type LinkProps = Omit<ComponentProps<typeof NextLink>, "prefetch">

/**
 * A link within the studio. The page behind it is fetched when the pointer or the focus comes near: fetched for being in
 * sight, the pages behind the links of one page would weigh as much as that page's own code.
 */
export function Link({ onPointerEnter, onFocus, ...rest }: LinkProps) {
  const [near, setNear] = useState(false)
  return (
    <NextLink
      {...rest}
      prefetch={near ? "auto" : false}
      onPointerEnter={(event) => {
        setNear(true)
        onPointerEnter?.(event)
      }}
      onFocus={(event) => {
        setNear(true)
        onFocus?.(event)
      }}
    />
  )
}
