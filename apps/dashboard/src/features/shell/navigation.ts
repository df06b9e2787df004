/** The places of the studio, in the order of the work. */

import { Boxes, House, Images, type LucideIcon, Settings, Sparkles, TrendingDown, Users } from "lucide-react"

export type Place = { href: string; label: string; icon: LucideIcon; keys: string; phone: boolean }

export const places: readonly Place[] = [
  { href: "/", label: "Home", icon: House, keys: "g h", phone: true },
  { href: "/datasets", label: "Data sets", icon: Images, keys: "g d", phone: true },
  { href: "/runs", label: "Runs", icon: TrendingDown, keys: "g r", phone: true },
  { href: "/generate", label: "Generate", icon: Sparkles, keys: "g i", phone: true },
  { href: "/models", label: "Models", icon: Boxes, keys: "g m", phone: true },
  { href: "/team", label: "Team", icon: Users, keys: "g t", phone: false },
  { href: "/settings", label: "Settings", icon: Settings, keys: "g s", phone: false },
]

/** Whether a path lies within a place: "/runs/abc" is in "/runs". */
export const isWithin = (href: string, path: string): boolean =>
  href === "/" ? path === "/" : path === href || path.startsWith(`${href}/`)
