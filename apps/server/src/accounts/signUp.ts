/** Who may sign up: the first person, who becomes owner of the first team; afterwards whoever is invited. */

import type { PrismaClient } from "@fjord/db/prisma"
import { giveStarterModel } from "../models/starterModel.ts"
import { acceptAs, openInvitation } from "./invitations.ts"

export const signUpOpen = async (database: PrismaClient) =>
  (await database.user.findFirst({ select: { id: true } })) === null

/** Of several people who sign up first at once, one gets in: whose claim is in the table. */
const claimKey = "firstAccount"
const claimMs = 60_000

async function claimFirst(database: PrismaClient): Promise<boolean> {
  if (!(await signUpOpen(database))) return false
  const claimed = await database.$executeRaw`
    INSERT INTO "Setting" (key, value) VALUES (${claimKey}, to_jsonb(${Date.now()}::float8))
    ON CONFLICT (key) DO UPDATE SET value = excluded.value
    WHERE ("Setting".value)::float8 < ${Date.now() - claimMs} AND NOT EXISTS (SELECT 1 FROM "User")`
  return claimed === 1
}

/** @returns why this address may not sign up, or undefined. */
export async function signUpRefusal(
  database: PrismaClient,
  email: string,
  invitation: string | undefined,
): Promise<string | undefined> {
  if (invitation === undefined) {
    if (await claimFirst(database)) return undefined
    return "Sign-up is closed. Ask the owner of a team for an invitation link."
  }
  const found = await openInvitation(database, invitation)
  if (found === null) return "This invitation is no longer open. Ask for a new one."
  if (found.email !== null && found.email !== email.toLowerCase()) return `This invitation is for ${found.email}.`
  return undefined
}

/** What a new account gets: the team of its invitation, or the first team. */
export async function welcome(
  database: PrismaClient,
  user: { id: string; name: string; email: string },
  invitation: string | undefined,
) {
  if (invitation !== undefined) {
    await acceptAs(database, user, invitation)
    return
  }
  const team = await database.team.create({
    data: { name: `${user.name}'s studio`.slice(0, 100), members: { create: { userId: user.id, role: "OWNER" } } },
  })
  await giveStarterModel(database, team.id)
}
