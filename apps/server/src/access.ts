/** Who asks, and what they may do: the role in a team decides everything. */

import type { Role } from "@fjord/db/prisma"
import type { Context } from "./context.ts"
import { ForbiddenError, NotFoundError } from "./expectedError.ts"

/** Whoever sent the request. An API token is its user, confined to one team and to the role of its widest scope. */
export type Viewer = {
  readonly user: { readonly id: string; readonly name: string; readonly email: string }
  readonly roles: ReadonlyMap<string, Role>
  /** Absent for a person who signed in. */
  readonly tokenId?: string
  /** Absent for an API token. */
  readonly sessionId?: string
}

const rank: Record<Role, number> = { VIEWER: 1, EDITOR: 2, OWNER: 3 }

/** The lower of two roles. */
export const lowerRole = (a: Role, b: Role): Role => (rank[a] < rank[b] ? a : b)

/** @throws ForbiddenError when nobody is signed in. */
export function signedIn(context: Context): Viewer {
  if (context.viewer === null) throw new ForbiddenError("Sign in first, or send an API token.")
  return context.viewer
}

/** @throws ForbiddenError for API tokens: what a person decides about their account and teams, a program may not. */
export function person(context: Context): Viewer {
  const viewer = signedIn(context)
  if (viewer.tokenId !== undefined) throw new ForbiddenError("An API token may not do this; sign in as a person.")
  return viewer
}

/** The teams in which the asker has at least this role; a `where` of every row that is read. */
export function teamIds(context: Context, role: Role = "VIEWER"): string[] {
  if (context.viewer === null) return []
  return [...context.viewer.roles].filter(([, own]) => rank[own] >= rank[role]).map(([teamId]) => teamId)
}

/**
 * @throws NotFoundError when the asker is no member of the team, so that nobody learns which ids exist.
 * @throws ForbiddenError when signed out or below the role.
 */
export function requireRole(context: Context, teamId: string, role: Role, what = "team"): Viewer {
  const viewer = signedIn(context)
  const own = viewer.roles.get(teamId)
  if (own === undefined) throw new NotFoundError(what)
  if (rank[own] < rank[role])
    throw new ForbiddenError(`This needs the role ${role.toLowerCase()} in the team; yours is ${own.toLowerCase()}.`)
  return viewer
}

/** A `where` of a team's rows. @throws as requireRole, so that no list or count forgets to ask. */
export function inTeam(context: Context, teamId: string, role: Role = "VIEWER"): { teamId: string } {
  requireRole(context, teamId, role)
  return { teamId }
}

/** The row, if the asker has the role in its team. */
export async function owned<Row extends { teamId: string }>(
  context: Context,
  role: Role,
  what: string,
  row: PromiseLike<Row | null>,
): Promise<Row> {
  signedIn(context)
  const found = await row
  if (found === null) throw new NotFoundError(what)
  requireRole(context, found.teamId, role, what)
  return found
}

/** The studio's first team, which the first account made: its owners own the studio. */
export async function studioTeamId(context: Context): Promise<string | undefined> {
  const first = await context.database.team.findFirst({
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: { id: true },
  })
  return first?.id
}

export async function ownsStudio(context: Context): Promise<boolean> {
  const ids = teamIds(context, "OWNER")
  if (ids.length === 0) return false
  const first = await studioTeamId(context)
  return first !== undefined && ids.includes(first)
}

/** @throws ForbiddenError for everybody but the owners of the studio, whose backups hold every team's rows. */
export async function requireStudioOwner(context: Context): Promise<Viewer> {
  const viewer = signedIn(context)
  if (!(await ownsStudio(context)))
    throw new ForbiddenError("Only owners of the studio's first team may do this: it concerns all teams.")
  return viewer
}
