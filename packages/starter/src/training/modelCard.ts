/** README.md of a trained starter model, in the form of the Hub's model cards. */

export interface Figures {
  readonly seed: number
  readonly resolution: number
  readonly parameters: number
  readonly autoencoder: {
    readonly steps: number
    readonly batch: number
    readonly psnr: number
    readonly objectPsnr: number
  }
  readonly scenes: number
  readonly denoiser: { readonly steps: number; readonly batch: number; readonly loss: number | undefined }
}

export function modelCard({ seed, resolution, parameters, autoencoder, scenes, denoiser }: Figures): string {
  const loss = denoiser.loss === undefined ? "" : `; mean loss of the last steps ${denoiser.loss.toFixed(4)}`
  return `---
license: apache-2.0
library_name: diffusers
pipeline_tag: text-to-image
tags:
  - stable-diffusion
  - fjord
---

# The starter model of Fjord

A latent diffusion model of ${(parameters / 1e6).toFixed(1)} million parameters: CLIP text encoder, UNet and autoencoder as in
Stable Diffusion, only small. It was trained from nothing, on a CPU, by Fjord's own engine, on scenes that Fjord draws
itself. It knows that world and no other: twelve backgrounds, sixteen kinds of things, eleven colours, plain, striped or
dotted, by day, at night, at sunset and in the rain. Its pictures have ${resolution} × ${resolution} pixels.

It is meant for trying Fjord out, for teaching and for tests: a DreamBooth run on it takes a few minutes.

## Use

    fjord generate --model packages/starter/model --prompt "a photo of a red boat in a fjord" --guidance-scale 4

Prompts of the kind it was trained with work best: "a photo of a striped blue ball on a beach at sunset",
"two robots in the city", "a cat next to a red cup in a room". Words outside its world mean nothing to it.

## Training

    npm run starter:train

Seed ${seed}.

- **Autoencoder**: ${autoencoder.steps} steps of ${autoencoder.batch} scenes drawn afresh. On held-out scenes it reconstructs
  with a PSNR of ${autoencoder.psnr.toFixed(2)} dB, ${autoencoder.objectPsnr.toFixed(2)} dB within the boxes of the things.
- **Text encoder and UNet**: ${denoiser.steps} steps of ${denoiser.batch} out of ${scenes} scenes kept as latents, predicting
  velocity, one caption in ten dropped for guidance${loss}.

The weights are the exponential moving averages, in half precision.

## Limits

Backgrounds, times and colours are learnt first, shapes last: below some ten thousand steps things have the right colour,
place and outline, and little within. Small things are soft, faces and patterns above all; of two things in a picture one
may take the other's colour; counts beyond two are not understood. The drawings are made by code, so that no person's work
or likeness went into them.
`
}
