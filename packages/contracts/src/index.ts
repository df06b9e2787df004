/** zod schemas of what crosses a process border; no I/O. */

export { type DatasetManifest, datasetManifest, fileHash } from "./datasetManifest.ts"
export { dependentDefaults } from "./dependentDefaults.ts"
export { type EventOf, type FjordEvent, fjordEvent } from "./events.ts"
export { type Failure, failure } from "./failure.ts"
export { type GenerationConfig, type GenerationOptions, generationConfig, stepsOfStrength } from "./generationConfig.ts"
export { type ModelFileContents, modelFileContents } from "./modelFile.ts"
export {
  type ModelSettings,
  modelSettingsFile,
  noModelSettings,
  parseModelSettings,
} from "./modelSettings.ts"
export { type Phase, type PhaseProgress, phaseProgress, phases, phaseText } from "./phase.ts"
export { differenceHash, laplacianVariance } from "./pictureMeasures.ts"
export {
  type Preview,
  preview,
  type RecordedEvent,
  type RecordedEventOf,
  recordedEvent,
  runStatuses,
} from "./recordedEvents.ts"
export {
  completeTraining,
  type GenerationRunConfig,
  type GenerationRunOptions,
  generationRunConfig,
  generationRunOptions,
  type TrainingRunOptions,
  trainingRunConfig,
  trainingRunOptions,
} from "./runConfig.ts"
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
  adapterConfig,
  loraForms,
  modelShapes,
  modelVariants,
  pipelineForms,
  predictionTypes,
  type TransferKind,
  type TransferRunConfig,
  transferRunConfig,
  weightTypes,
} from "./transferRunConfig.ts"
export {
  type Evaluation,
  fromTutorialConfig,
  type TutorialConfig,
  tutorialConfig,
  tutorialNames,
} from "./tutorialConfig.ts"
