/** The networks of a starter model as diffusers' configurations. */

type Config = Readonly<Record<string, unknown>>

/** A model that the recipe can train; the configurations are those of a diffusers folder. */
export interface Architecture {
  /** Side of the pictures in pixels. */
  readonly resolution: number
  readonly vae: Config
  readonly unet: Config
  readonly textEncoder: Config
  readonly scheduler: Config & { readonly beta_start: number; readonly beta_end: number }
}

interface Widths {
  readonly resolution: number
  readonly latentChannels: number
  /** Channels of the autoencoder's levels; each level but the last halves the side. */
  readonly vae: readonly number[]
  readonly vaeGroups: number
  readonly unet: readonly number[]
  readonly unetGroups: number
  /** Levels of the UNet with self-attention and attention to the text, from the largest. */
  readonly attends: readonly boolean[]
  readonly text: number
  readonly textLayers: number
}

function architecture(widths: Widths): Architecture {
  const { resolution, latentChannels, vae, unet, attends, text } = widths
  const heads = 4
  return {
    resolution,
    vae: {
      _class_name: "AutoencoderKL",
      act_fn: "silu",
      block_out_channels: vae,
      down_block_types: vae.map(() => "DownEncoderBlock2D"),
      in_channels: 3,
      latent_channels: latentChannels,
      layers_per_block: 1,
      mid_block_add_attention: false,
      norm_num_groups: widths.vaeGroups,
      out_channels: 3,
      sample_size: resolution,
      up_block_types: vae.map(() => "UpDecoderBlock2D"),
    },
    unet: {
      _class_name: "UNet2DConditionModel",
      act_fn: "silu",
      attention_head_dim: heads,
      block_out_channels: unet,
      center_input_sample: false,
      cross_attention_dim: text,
      down_block_types: attends.map((is) => (is ? "CrossAttnDownBlock2D" : "DownBlock2D")),
      downsample_padding: 1,
      flip_sin_to_cos: true,
      freq_shift: 0,
      in_channels: latentChannels,
      layers_per_block: 1,
      mid_block_scale_factor: 1,
      norm_eps: 1e-5,
      norm_num_groups: widths.unetGroups,
      out_channels: latentChannels,
      sample_size: resolution / 2 ** (vae.length - 1),
      up_block_types: attends.toReversed().map((is) => (is ? "CrossAttnUpBlock2D" : "UpBlock2D")),
    },
    textEncoder: {
      architectures: ["CLIPTextModel"],
      model_type: "clip_text_model",
      hidden_act: "quick_gelu",
      hidden_size: text,
      intermediate_size: 4 * text,
      layer_norm_eps: 1e-5,
      max_position_embeddings: 32,
      num_attention_heads: heads,
      num_hidden_layers: widths.textLayers,
      projection_dim: text,
      torch_dtype: "float16",
    },
    scheduler: {
      _class_name: "DPMSolverMultistepScheduler",
      algorithm_type: "dpmsolver++",
      // More noise at the end than Stable Diffusion has (0.012): in pictures this small the mean colour survives less of it.
      beta_end: 0.02,
      beta_schedule: "scaled_linear",
      beta_start: 0.00085,
      num_train_timesteps: 1000,
      prediction_type: "v_prediction",
      solver_order: 2,
      steps_offset: 1,
      timestep_spacing: "trailing",
    },
  }
}

/** The one that ships: 64 × 64 pixels, 16 × 16 latents of 8 channels. */
export const starterArchitecture = architecture({
  resolution: 64,
  latentChannels: 8,
  vae: [24, 48, 96],
  vaeGroups: 4,
  unet: [64, 128, 160],
  unetGroups: 16,
  attends: [false, true, true],
  text: 128,
  textLayers: 3,
})

/** Small enough to train in a test. */
export const tinyArchitecture = architecture({
  resolution: 16,
  latentChannels: 4,
  vae: [16, 32],
  vaeGroups: 4,
  unet: [8, 16],
  unetGroups: 4,
  attends: [false, true],
  text: 16,
  textLayers: 1,
})
