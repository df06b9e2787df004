import type { SchedulerName } from "@fjord/contracts"
import { UnsupportedError } from "../unsupported.ts"
import { type SchedulerClassName, type SchedulerConfig, schedulerClassNames, schedulerConfig } from "./config.ts"
import { ddimScheduler } from "./ddim.ts"
import { ddpmScheduler } from "./ddpm.ts"
import { deisMultistepScheduler } from "./deisMultistep.ts"
import { dpmSolverMultistepScheduler } from "./dpmSolverMultistep.ts"
import { dpmSolverSinglestepScheduler } from "./dpmSolverSinglestep.ts"
import { eulerAncestralDiscreteScheduler } from "./eulerAncestralDiscrete.ts"
import { eulerDiscreteScheduler } from "./eulerDiscrete.ts"
import { heunDiscreteScheduler } from "./heunDiscrete.ts"
import { kdpm2DiscreteScheduler } from "./kdpm2Discrete.ts"
import { lcmScheduler } from "./lcm.ts"
import { lmsDiscreteScheduler } from "./lmsDiscrete.ts"
import { pndmScheduler } from "./pndm.ts"
import type { Scheduler, TrainingScheduler } from "./scheduler.ts"
import { uniPcMultistepScheduler } from "./uniPcMultistep.ts"

export type { SchedulerConfig } from "./config.ts"
export type { Scheduler, TrainingScheduler } from "./scheduler.ts"

const factories: Record<SchedulerClassName, (config: SchedulerConfig) => Scheduler> = {
  DDPMScheduler: ddpmScheduler,
  DDIMScheduler: ddimScheduler,
  PNDMScheduler: pndmScheduler,
  LMSDiscreteScheduler: lmsDiscreteScheduler,
  EulerDiscreteScheduler: eulerDiscreteScheduler,
  EulerAncestralDiscreteScheduler: eulerAncestralDiscreteScheduler,
  HeunDiscreteScheduler: heunDiscreteScheduler,
  DPMSolverMultistepScheduler: dpmSolverMultistepScheduler,
  UniPCMultistepScheduler: uniPcMultistepScheduler,
  DPMSolverSinglestepScheduler: dpmSolverSinglestepScheduler,
  DEISMultistepScheduler: deisMultistepScheduler,
  KDPM2DiscreteScheduler: kdpm2DiscreteScheduler,
  LCMScheduler: lcmScheduler,
}

/** The diffusers class behind each name that options take, and the options the name itself stands for. */
const named: Record<SchedulerName, { class: SchedulerClassName; options: Partial<SchedulerConfig> }> = {
  ddpm: { class: "DDPMScheduler", options: {} },
  ddim: { class: "DDIMScheduler", options: {} },
  pndm: { class: "PNDMScheduler", options: {} },
  lms: { class: "LMSDiscreteScheduler", options: {} },
  euler: { class: "EulerDiscreteScheduler", options: {} },
  euler_ancestral: { class: "EulerAncestralDiscreteScheduler", options: {} },
  heun: { class: "HeunDiscreteScheduler", options: {} },
  dpmpp_2m: { class: "DPMSolverMultistepScheduler", options: {} },
  dpmpp_2m_karras: { class: "DPMSolverMultistepScheduler", options: { useKarrasSigmas: true } },
  unipc: { class: "UniPCMultistepScheduler", options: {} },
  dpmpp_2s: { class: "DPMSolverSinglestepScheduler", options: {} },
  deis: { class: "DEISMultistepScheduler", options: {} },
  dpm2: { class: "KDPM2DiscreteScheduler", options: {} },
  lcm: { class: "LCMScheduler", options: {} },
}

/**
 * A scheduler by its name, with the options of `config` that its class has; the class's defaults (those of diffusers) are
 * used for the rest. Throws a readable Error where an option's value is not supported.
 */
export function createScheduler(name: SchedulerName, config: Partial<SchedulerConfig> = {}): Scheduler {
  const { class: className, options } = named[name]
  return factories[className](schedulerConfig(className, { ...config, ...options }))
}

/** A DDPM scheduler for training; as `DDPMScheduler.from_config` of the model's scheduler_config.json. */
export function trainingScheduler(json: DiffusersSchedulerConfig): TrainingScheduler {
  return ddpmScheduler(schedulerConfig("DDPMScheduler", camelCased(json)))
}

/** The contents of a scheduler_config.json: its text or what it parses to. */
export type DiffusersSchedulerConfig = string | Readonly<Record<string, unknown>>

/**
 * The scheduler that scheduler_config.json describes, or with `name` another one made from it, as
 * `X.from_config(pipe.scheduler.config)` makes it: keys the class has are taken over, others ignored, missing ones default.
 */
export function schedulerFromDiffusersConfig(json: DiffusersSchedulerConfig, name?: SchedulerName): Scheduler {
  const config = parsed(json)
  if (name !== undefined) return createScheduler(name, camelCased(config))
  const className = schedulerClassNames.find((known) => known === config._class_name)
  if (className === undefined) {
    throw new UnsupportedError(
      `scheduler_config.json: _class_name is ${JSON.stringify(config._class_name)}, wanted one of ${schedulerClassNames.join(", ")}; choose a scheduler by name instead.`,
    )
  }
  return factories[className](schedulerConfig(className, camelCased(config)))
}

function parsed(json: DiffusersSchedulerConfig): Readonly<Record<string, unknown>> {
  if (typeof json !== "string") return json
  // Python writes -Infinity (lambda_min_clipped), which JSON does not have.
  const value: unknown = JSON.parse(json.replace(/:\s*(-?)Infinity/g, ": $11e999"))
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("scheduler_config.json: wanted an object of options, got another JSON value.")
  }
  return Object.fromEntries(Object.entries(value))
}

/** Options as TypeScript names them; those that diffusers notes to be mere defaults of the original class are left out. */
function camelCased(json: DiffusersSchedulerConfig): Record<string, unknown> {
  const config = parsed(json)
  const defaulted = Array.isArray(config._use_default_values) ? config._use_default_values : []
  const own = Object.entries(config).filter(([key]) => !defaulted.includes(key))
  return Object.fromEntries(
    own.map(([key, value]) => [key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()), value]),
  )
}
