"use client"

import { Check, LogOut, Moon, Sun, SunMoon, Users } from "lucide-react"
import { useTheme } from "next-themes"
import { MenuList, type MenuProps } from "../../ui/MenuList.tsx"
import { signOut } from "../account/signOut.ts"
import { useSession } from "./Session.tsx"

/** One's teams, the colours, and the way out. */
export function AccountMenu({ trigger }: Pick<MenuProps, "trigger">) {
  const { team, teams, switchTeam } = useSession()
  const { setTheme } = useTheme()
  const switches = teams.map((own) => ({
    label: own.name,
    icon: own.id === team.id ? <Check /> : <Users />,
    onSelect: () => switchTeam(own.id),
  }))
  return (
    <MenuList
      trigger={trigger}
      entries={[
        ...switches,
        "separator",
        { label: "Light", icon: <Sun />, onSelect: () => setTheme("light") },
        { label: "Dark", icon: <Moon />, onSelect: () => setTheme("dark") },
        { label: "As the system", icon: <SunMoon />, onSelect: () => setTheme("system") },
        "separator",
        { label: "Sign out", icon: <LogOut />, onSelect: signOut },
      ]}
    />
  )
}
