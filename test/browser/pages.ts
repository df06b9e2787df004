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
  compare: `/runs/compare?run=${ids.runId}&run=${ids.runId}`,
  start: `/runs/new?dataset=${ids.datasetId}`,
  generate: "/generate",
  grid: "/generate/grid",
  image: `/images/${ids.imageId}`,
  models: "/models",
  card: `/models/${ids.modelId}`,
  versions: `/models/${ids.modelId}?tab=versions`,
  team: "/team",
  settings: "/settings",
})
