"use client"

import { LogOut, Moon, Settings, Sun, Users } from "lucide-react"
import { useRouter } from "next/navigation"
import { useTheme } from "next-themes"
import { MenuList, type MenuProps } from "../../ui/MenuList.tsx"
import { signOut } from "../account/signOut.ts"

/** The places that have no room at the thumb, the colours, and the way out. */
export function PhoneMenu({ trigger }: Pick<MenuProps, "trigger">) {
  const router = useRouter()
  const { resolvedTheme, setTheme } = useTheme()
  const dark = resolvedTheme === "dark"
  return (
    <MenuList
      trigger={trigger}
      entries={[
        { label: "Team", icon: <Users />, onSelect: () => router.push("/team") },
        { label: "Settings", icon: <Settings />, onSelect: () => router.push("/settings") },
        {
          label: dark ? "Light" : "Dark",
          icon: dark ? <Sun /> : <Moon />,
          onSelect: () => setTheme(dark ? "light" : "dark"),
        },
        "separator",
        { label: "Sign out", icon: <LogOut />, onSelect: signOut },
      ]}
    />
  )
}
