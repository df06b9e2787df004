import type { Metadata } from "next"
import { TeamPage } from "../../../features/team/TeamPage.tsx"

export const metadata: Metadata = { title: "Team" }

export default function TeamRoute() {
  return <TeamPage />
}
