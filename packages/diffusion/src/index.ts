/** Stable Diffusion written in engine: models, schedulers, tokenizer, images, LoRA, textToImage, dreamBooth, formats. */

export { runInChild } from "./compute/runInChild.ts"
export { decodeImage } from "./images/decodeImage.ts"
export { encodePng } from "./images/encodePng.ts"
export { findImages } from "./images/findImages.ts"
export { imageGrid } from "./images/imageGrid.ts"
export { newModel } from "./models/newModel.ts"
