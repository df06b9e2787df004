"use client"

/** On phones: the head of the page, and the five main places at the thumb. */

import { Menu as MenuIcon, Search } from "lucide-react"
import { usePathname } from "next/navigation"
import { IconButton } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { Link } from "../../ui/Link.tsx"
import { MenuOf } from "../../ui/Menu.tsx"
import { Logo } from "./Logo.tsx"
import { isWithin, places } from "./navigation.ts"
import { openPalette } from "./overlays.ts"

const phoneMenu = () => import("./PhoneMenu.tsx").then(({ PhoneMenu }) => PhoneMenu)

export function PhoneBar() {
  const path = usePathname()
  return (
    <>
      <header className="sticky top-0 z-30 flex items-center gap-2 border-border border-b bg-surface/95 px-4 py-2 backdrop-blur md:hidden">
        <Link href="/" className="flex flex-1 items-center gap-2 font-semibold">
          <Logo className="size-7" /> Fjord
        </Link>
        <IconButton label="Go to" icon={<Search />} onClick={openPalette} tipSide="bottom" tipAlign="end" />
        <MenuOf
          trigger={<IconButton label="More" icon={<MenuIcon />} tipSide="bottom" tipAlign="end" />}
          load={phoneMenu}
          props={{}}
        />
      </header>
      <nav
        aria-label="Places"
        className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-5 border-border border-t bg-surface/95 pb-[env(safe-area-inset-bottom)] backdrop-blur md:hidden"
      >
        {places
          .filter((place) => place.phone)
          .map(({ href, label, icon: Icon }) => {
            const here = isWithin(href, path)
            return (
              <Link
                key={href}
                href={href}
                aria-current={here ? "page" : undefined}
                className={classes(
                  "flex flex-col items-center gap-0.5 py-2 font-medium text-[0.6875rem]",
                  here ? "text-accent-soft-foreground" : "text-muted",
                )}
              >
                <Icon aria-hidden="true" className="size-5" />
                {label}
              </Link>
            )
          })}
      </nav>
    </>
  )
}
