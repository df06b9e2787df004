/** Every page of the studio, for what must hold on all of them. */

import type { Furnished } from "./furnish.ts"

export const pagesOf = (ids: Furnished): Record<string, string> => ({
  home: "/",
  datasets: "/datasets",
  dataset: `/datasets/${ids.datasetId}`,
  runs: "/runs",
  run: `/runs/${ids.runId}`,
  checkpoints: `/runs/${ids.runId}?tab=checkpoints`,
  log: `/runs/${ids.runId}?tab=log`,
  configuration: `/runs/${ids.runId}?tab=settings`,
  machine: `/runs/${ids.runId}?tab=machine`,
  runImages: `/runs/${ids.runId}/images`,
  compare: `/runs/compare?run=${ids.runId}&run=${ids.runId}`,
  start: `/runs/new?dataset=${ids.datasetId}`,
  generate: "/generate",
  grid: "/generate/grid",
  image: `/images/${ids.imageId}`,
  models: "/models",
  card: `/models/${ids.modelId}`,
  drawn: `/models/${ids.modelId}?tab=images`,
  files: `/models/${ids.modelId}?tab=files`,
  versions: `/models/${ids.modelId}?tab=versions`,
  baseModel: `/base-models/${ids.baseModelId}`,
  transfers: "/transfers",
  transfer: `/transfers/${ids.transferId}`,
  team: "/team",
  settings: "/settings",
  missing: "/models/none",
})

/** Pages that people without an account see. */
export const publicPagesOf = (ids: Furnished): Record<string, string> => ({
  signIn: "/sign-in",
  signUp: "/sign-up",
  invitation: ids.invitation,
  expired: "/invitations/unknown",
  closedReset: "/reset/unknown",
  sharedCard: ids.shared.card,
  sharedRun: ids.shared.run,
  sharedBoard: ids.shared.board,
  unshared: "/shared/unknown",
})
