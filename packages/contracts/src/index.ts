/** zod schemas of what crosses a process border; no I/O. */

export { type EventOf, type FjordEvent, fjordEvent } from "./events.ts"
export { type GenerationConfig, type GenerationOptions, generationConfig } from "./generationConfig.ts"
export { type SchedulerName, schedulerName, schedulerNames } from "./scheduler.ts"
export {
  type LearningRateSchedule,
  learningRateSchedules,
  type TrainingConfig,
  type TrainingOptions,
  trainingConfig,
  trainingOptions,
} from "./trainingConfig.ts"
export {
  type Evaluation,
  fromTutorialConfig,
  type TutorialConfig,
  tutorialConfig,
  tutorialNames,
} from "./tutorialConfig.ts"
