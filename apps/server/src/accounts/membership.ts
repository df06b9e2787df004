/** News that somebody's rights have changed, so that their subscriptions are looked at again. */

import { notify } from "@fjord/db"
import type { Context } from "../context.ts"

export const membershipTopic = (userId: string) => `membership/${userId}`

export const announceMembership = (context: Context, userId: string) =>
  notify(context.database, membershipTopic(userId))
