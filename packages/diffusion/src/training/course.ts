/** Where a run stands: random numbers, the order of the data and the place in it. All that a checkpoint keeps beside the weights. */

import type { TrainingConfig } from "@fjord/contracts"
import type { JsonObject } from "../folder/json.ts"
import { dataLoaderOrder } from "../random/dataLoaderOrder.ts"
import { TorchGenerator } from "../random/torchGenerator.ts"

/** The course at one moment, as plain data. */
export interface CourseState {
  readonly step: number
  readonly order: readonly number[]
  readonly next: number
  readonly generator: ReturnType<TorchGenerator["state"]>
}

export class Course {
  /** Optimiser steps done. */
  step = 0
  generator: TorchGenerator
  #order: readonly number[] = []
  #next = 0
  readonly #length: number
  readonly #config: Pick<TrainingConfig, "shuffle" | "trainBatchSize" | "gradientAccumulationSteps">

  /** @param length number of items in an epoch, repeats counted. */
  constructor(
    length: number,
    config: Pick<TrainingConfig, "seed" | "shuffle" | "trainBatchSize" | "gradientAccumulationSteps">,
  ) {
    this.#length = length
    this.#config = config
    this.generator = new TorchGenerator(config.seed)
  }

  /**
   * The items of the micro-batches of one optimiser step, drawn lazily so that the random numbers come in the order of
   * the reference loop: the epoch's order, then each batch's own. As accelerate does it, a step ends after
   * `gradientAccumulationSteps` micro-batches and at the end of an epoch.
   */
  *microBatches(): Generator<readonly number[]> {
    const { shuffle, trainBatchSize, gradientAccumulationSteps } = this.#config
    if (this.#next >= this.#order.length) {
      this.#order = shuffle
        ? dataLoaderOrder(this.generator, this.#length)
        : Array.from({ length: this.#length }, (_, i) => i)
      this.#next = 0
    }
    for (let i = 0; i < gradientAccumulationSteps && this.#next < this.#order.length; i++) {
      const items = this.#order.slice(this.#next, this.#next + trainBatchSize)
      this.#next += items.length
      yield items
    }
  }

  /** A copy: unaffected by what follows. */
  state(): CourseState {
    return { step: this.step, order: this.#order, next: this.#next, generator: this.generator.state() }
  }

  restore({ step, order, next, generator }: CourseState) {
    this.step = step
    this.#order = order
    this.#next = next
    this.generator = TorchGenerator.fromState(generator)
  }
}

export function courseToJson({ step, order, next, generator }: CourseState): JsonObject {
  const { words, index, nextNormal } = generator
  return { step, order: [...order], next, generator: { words: [...words], index, nextNormal } }
}

/** @throws where the checkpoint's state is not one that `courseToJson` wrote. */
export function courseFromJson(json: JsonObject): CourseState {
  const { step, order, next, generator } = json as unknown as CourseState & { generator: { words: number[] } }
  if (typeof step !== "number" || !Array.isArray(order) || generator?.words?.length !== 624)
    throw new Error(
      "the checkpoint's state.json is not one of this version of Fjord; start the run anew in another output folder",
    )
  return { step, order, next, generator: { ...generator, words: Uint32Array.from(generator.words) } }
}
