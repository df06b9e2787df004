/** The denoising loss and its gradient with respect to the prediction; diffusers/examples/dreambooth/train_dreambooth.py. */

export interface LossRequest {
  /** The UNet's output [rows, …]. */
  readonly prediction: Float32Array
  /** Noise (epsilon) or velocity, of the same shape. */
  readonly target: Float32Array
  readonly rows: number
  /** The last rows that are class images (prior preservation, Ruiz et al. 2023, eq. 2); 0 without. */
  readonly priorRows: number
  readonly priorLossWeight: number
  /** Min-SNR weight of each instance row (Hang et al. 2023); all 1 without. */
  readonly weights: readonly number[]
  /** The gradient is multiplied by this: 1 / gradient accumulation steps. */
  readonly gradientScale: number
}

export interface Loss {
  readonly loss: number
  readonly instanceLoss: number
  /** Unweighted; undefined without class images. */
  readonly priorLoss: number | undefined
  /** ∂(loss · gradientScale)/∂prediction. */
  readonly gradient: Float32Array
}

/** loss = mean over instance rows of weight · mse + priorLossWeight · mean over class rows of mse. */
export function denoisingLoss(request: LossRequest): Loss {
  const { prediction, target, rows, priorRows, priorLossWeight, weights, gradientScale } = request
  const count = prediction.length / rows
  const instanceRows = rows - priorRows
  const gradient = new Float32Array(prediction.length)
  let instanceLoss = 0
  let priorLoss = 0
  for (let row = 0; row < rows; row++) {
    const isPrior = row >= instanceRows
    const share = isPrior ? priorLossWeight / priorRows : (weights[row] as number) / instanceRows
    const slope = (2 * share * gradientScale) / count
    let sum = 0
    for (let i = row * count; i < (row + 1) * count; i++) {
      const difference = (prediction[i] as number) - (target[i] as number)
      sum += difference * difference
      gradient[i] = slope * difference
    }
    if (isPrior) priorLoss += sum / count / priorRows
    else instanceLoss += ((weights[row] as number) * sum) / count / instanceRows
  }
  const loss = instanceLoss + (priorRows > 0 ? priorLossWeight * priorLoss : 0)
  return { loss, instanceLoss, priorLoss: priorRows > 0 ? priorLoss : undefined, gradient }
}

/** min(snr, γ) / snr for noise prediction, / (snr + 1) for velocity; a row's weight in the loss. */
export function minSnrWeight(snr: number, gamma: number, prediction: "epsilon" | "v_prediction"): number {
  return Math.min(snr, gamma) / (prediction === "epsilon" ? snr : snr + 1)
}
