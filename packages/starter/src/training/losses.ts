/** The losses of the recipe, built into the graph so that one program computes them and all gradients. */

import type { Graph, Tensor } from "@fjord/engine"

/** |x|, linear from 1e-4 on: x · clip(10⁴ x, -1, 1). */
function absolute(graph: Graph, x: Tensor): Tensor {
  return graph.mul(x, graph.clip(graph.mul(x, graph.constant(1e4)), -1, 1))
}

function mean(graph: Graph, x: Tensor): Tensor {
  return graph.reduceMean(x, [...x.shape.keys()])
}

/** Differences of neighbours along one axis. */
function differences(graph: Graph, x: Tensor, axis: number): Tensor {
  const length = x.shape[axis] ?? 0
  return graph.sub(graph.slice(x, axis, 1, length), graph.slice(x, axis, 0, length - 1))
}

export interface AutoencoderTerms {
  readonly image: Tensor
  readonly reconstruction: Tensor
  /** [b, 1, h, w]: how much each pixel counts. */
  readonly pixelWeights: Tensor
}

/**
 * L1 + 4 MSE of the weighted pixels + 0.25 L1 of the differences of neighbours along each axis,
 * which keeps edges sharp.
 */
export function autoencoderLoss(graph: Graph, terms: AutoencoderTerms) {
  const { image, reconstruction, pixelWeights } = terms
  const error = graph.sub(reconstruction, image)
  const square = graph.mul(error, error)
  const perPixel = graph.add(absolute(graph, error), graph.mul(square, graph.constant(4)))
  const pixels = mean(graph, graph.mul(perPixel, pixelWeights))
  const edges = [2, 3].map((axis) => mean(graph, absolute(graph, differences(graph, error, axis))))
  const weighted = [pixels, ...edges.map((edge) => graph.mul(edge, graph.constant(0.25)))]
  return { loss: weighted.reduce((sum, term) => graph.add(sum, term)), squaredError: mean(graph, square) }
}

/** Mean of weights · (prediction - target)²; weights [b, 1, h, w]. */
export function denoisingLoss(graph: Graph, prediction: Tensor, target: Tensor, weights: Tensor): Tensor {
  const error = graph.sub(prediction, target)
  return mean(graph, graph.mul(graph.mul(error, error), weights))
}
