/** The end of a run whose numbers left the finite ones, in words. */

export function notFinite(what: "loss" | "gradient norm", step: number, lastSaved: number): Error {
  const saved = lastSaved > 0 ? `the last good checkpoint is that of step ${lastSaved}` : "there is no checkpoint yet"
  return new Error(
    `The ${what} of step ${step} is not a finite number, so the run was stopped; ${saved}. Usual causes: learning_rate ` +
      "too high (try a tenth), no warm-up (lr_warmup_steps), max_grad_norm too large, snr_gamma too small with v_prediction, " +
      "or a base model whose own weights are damaged. Resumed with the same settings it ends the same way: change them and " +
      "train into another output folder.",
  )
}
