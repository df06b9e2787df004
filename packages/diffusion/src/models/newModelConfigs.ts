/** Configurations of the models that `newModel` can make; sd15 and sd21 are those of the published ones. */

export type NewModelKind = "sd15" | "sd21" | "tiny"

export interface NewModelConfigs {
  readonly unet: object
  readonly vae: object
  readonly textEncoder: { readonly vocab_size?: number; readonly [key: string]: unknown }
  readonly scheduler: { readonly _class_name: string; readonly [key: string]: unknown }
  /** What prompts are filled up with: the end token, but "!" in Stable Diffusion 2.x. */
  readonly padToken: string
}

const vae = {
  _class_name: "AutoencoderKL",
  act_fn: "silu",
  in_channels: 3,
  out_channels: 3,
  latent_channels: 4,
  scaling_factor: 0.18215,
}

const fullVae = {
  ...vae,
  block_out_channels: [128, 256, 512, 512],
  down_block_types: ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D"],
  up_block_types: ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D"],
  layers_per_block: 2,
  norm_num_groups: 32,
}

const unet = {
  _class_name: "UNet2DConditionModel",
  act_fn: "silu",
  center_input_sample: false,
  downsample_padding: 1,
  flip_sin_to_cos: true,
  freq_shift: 0,
  in_channels: 4,
  out_channels: 4,
  mid_block_scale_factor: 1,
  norm_eps: 1e-5,
}

const fullUnet = {
  ...unet,
  block_out_channels: [320, 640, 1280, 1280],
  down_block_types: ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
  up_block_types: ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
  layers_per_block: 2,
  norm_num_groups: 32,
}

const textEncoder = {
  architectures: ["CLIPTextModel"],
  model_type: "clip_text_model",
  bos_token_id: 0,
  eos_token_id: 2,
  pad_token_id: 1,
  layer_norm_eps: 1e-5,
  max_position_embeddings: 77,
  torch_dtype: "float32",
}

const scheduler = {
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  beta_start: 0.00085,
  clip_sample: false,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
}

export const newModelConfigs: Readonly<Record<NewModelKind, NewModelConfigs>> = {
  sd15: {
    unet: { ...fullUnet, attention_head_dim: 8, cross_attention_dim: 768, sample_size: 64 },
    vae: { ...fullVae, sample_size: 512 },
    textEncoder: {
      ...textEncoder,
      hidden_act: "quick_gelu",
      hidden_size: 768,
      intermediate_size: 3072,
      num_attention_heads: 12,
      num_hidden_layers: 12,
      projection_dim: 768,
      vocab_size: 49408,
    },
    scheduler: { _class_name: "PNDMScheduler", ...scheduler },
    padToken: "<|endoftext|>",
  },
  sd21: {
    unet: {
      ...fullUnet,
      attention_head_dim: [5, 10, 20, 20],
      cross_attention_dim: 1024,
      sample_size: 96,
      use_linear_projection: true,
    },
    vae: { ...fullVae, sample_size: 768 },
    textEncoder: {
      ...textEncoder,
      hidden_act: "gelu",
      hidden_size: 1024,
      intermediate_size: 4096,
      num_attention_heads: 16,
      num_hidden_layers: 23,
      projection_dim: 512,
      vocab_size: 49408,
    },
    scheduler: { _class_name: "DDIMScheduler", ...scheduler, prediction_type: "v_prediction" },
    padToken: "!",
  },
  tiny: {
    unet: {
      ...unet,
      attention_head_dim: 4,
      block_out_channels: [32, 64],
      cross_attention_dim: 32,
      down_block_types: ["CrossAttnDownBlock2D", "DownBlock2D"],
      up_block_types: ["UpBlock2D", "CrossAttnUpBlock2D"],
      layers_per_block: 1,
      norm_num_groups: 8,
      sample_size: 16,
    },
    vae: {
      ...vae,
      block_out_channels: [16, 32],
      down_block_types: ["DownEncoderBlock2D", "DownEncoderBlock2D"],
      up_block_types: ["UpDecoderBlock2D", "UpDecoderBlock2D"],
      layers_per_block: 1,
      norm_num_groups: 8,
      sample_size: 32,
    },
    // Its vocabulary is that of the tokenizer written beside it.
    textEncoder: {
      ...textEncoder,
      hidden_act: "quick_gelu",
      hidden_size: 32,
      intermediate_size: 64,
      num_attention_heads: 4,
      num_hidden_layers: 2,
      projection_dim: 32,
    },
    scheduler: { _class_name: "PNDMScheduler", ...scheduler },
    padToken: "<|endoftext|>",
  },
}
