/** Stable Diffusion written in engine: models, schedulers, tokenizer, images, LoRA, textToImage, dreamBooth, formats. */

export { type DenoisingProgress, type DenoiseRequest, denoise } from "./denoise.ts"
export { decodeImage } from "./images/decodeImage.ts"
export { encodePng, readPngText } from "./images/encodePng.ts"
export { findImages } from "./images/findImages.ts"
export { imageGrid } from "./images/imageGrid.ts"
export { newModel } from "./models/newModel.ts"
export { encodePrompts, loadStableDiffusion, unetProgram, vaeDecoderProgram, vaeEncoderProgram } from "./stableDiffusion.ts"
export { createTrainer, type MicroBatch, type Trainer, type TrainerOptions } from "./training/trainer.ts"
