import { TorchGenerator } from "./torchGenerator.ts"

/**
 * The order in which one epoch of `DataLoader(dataset, shuffle=True)` visits `length` items, and with it the two draws it
 * makes from the global generator: the workers' base seed, then the seed of RandomSampler's own generator, whose
 * permutation is the order. Loaders prepared by accelerate on one process draw the same.
 * Both draws happen before the first batch; call this at the start of each epoch.
 * Source: torch/utils/data/dataloader.py (_BaseDataLoaderIter), sampler.py (RandomSampler).
 */
export function dataLoaderOrder(global: TorchGenerator, length: number): number[] {
  global.random63()
  return new TorchGenerator(global.random63()).randperm(length)
}
