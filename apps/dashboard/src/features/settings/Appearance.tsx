"use client"

import { Moon, Sun, SunMoon } from "lucide-react"
import { useTheme } from "next-themes"
import { Button } from "../../ui/Button.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { openHelp } from "../shell/overlays.ts"

const themes = [
  { value: "light", label: "Light", icon: <Sun /> },
  { value: "dark", label: "Dark", icon: <Moon /> },
  { value: "system", label: "As the system", icon: <SunMoon /> },
]

export function Appearance() {
  const { theme, setTheme } = useTheme()
  return (
    <Panel title="Appearance and keys">
      <div className="flex flex-wrap gap-2">
        {themes.map(({ value, label, icon }) => (
          <Button
            key={value}
            className={theme === value ? "bg-accent-soft! text-accent-soft-foreground!" : ""}
            aria-pressed={theme === value}
            onClick={() => setTheme(value)}
          >
            {icon} {label}
          </Button>
        ))}
        <Button variant="ghost" onClick={openHelp}>
          Show all keys
        </Button>
      </div>
    </Panel>
  )
}
