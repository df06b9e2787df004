/// <reference lib="dom" />
/** The dashboard in a real Chromium, against a real server and worker with a very small model: one journey after another. */

import { after, before, describe } from "node:test"
import { accounts } from "./journeys/accounts.ts"
import { cards } from "./journeys/cards.ts"
import { datasets } from "./journeys/datasets.ts"
import { everyPage } from "./journeys/everyPage.ts"
import { firstMinute } from "./journeys/firstMinute.ts"
import { generate } from "./journeys/generate.ts"
import { keyboard } from "./journeys/keyboard.ts"
import { runs } from "./journeys/runs.ts"
import { team } from "./journeys/team.ts"
import { transfers } from "./journeys/transfers.ts"
import { openWorld, type World } from "./world.ts"

describe("the dashboard", { timeout: 1_200_000 }, () => {
  let world: World | undefined
  before(async () => {
    world = await openWorld()
  })
  after(() => world?.close())
  const inWorld = (): World => {
    if (world === undefined) throw new Error("The studio did not start.")
    return world
  }
  // In the order of the work: each leaves behind what the next ones look at.
  for (const journey of [firstMinute, datasets, runs, generate, transfers, cards, team, accounts, keyboard, everyPage])
    journey(inWorld)
})
