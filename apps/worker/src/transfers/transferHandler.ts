/** What a transfer works with beside its job. */

import type { TransferKind, TransferRunConfig } from "@fjord/contracts"
import type { Job } from "../job.ts"

export type TransferOf<Kind extends TransferKind> = Extract<TransferRunConfig, { kind: Kind }>

/** Writes what a transfer leaves in rows, in the transaction that ends the run. */
export type Finish = (
  transaction: Parameters<Parameters<Job["studio"]["database"]["$transaction"]>[0]>[0],
) => Promise<void>

export type TransferHandler<Kind extends TransferKind> = (
  job: Job,
  transfer: TransferOf<Kind>,
) => Promise<{ readonly modelId?: string; readonly files: readonly string[]; readonly finish: Finish }>
