/** News that somebody's rights or sessions have changed, so that their subscriptions are looked at again. */

import { notify } from "@fjord/db"
import type { PrismaClient } from "@fjord/db/prisma"

export const membershipTopic = (userId: string) => `membership/${userId}`

export const announceMembership = (database: PrismaClient, userId: string) => notify(database, membershipTopic(userId))
