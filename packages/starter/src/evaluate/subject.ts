/** DreamBooth on one subject: is it the subject, is it where the prompt says, and is its class still any thing of it? */

import { join } from "node:path"
import { trainingConfig } from "@fjord/contracts"
import { dreamBooth } from "@fjord/diffusion"
import { answer, type Judge, type Judgement, type RgbPicture } from "../judges/judge.ts"
import { dot } from "../judges/losses.ts"
import { mean, portraits } from "../judges/validate.ts"
import { type Concept, writePictures } from "../subjects/concept.ts"
import { subjectFromSeed } from "../subjects/subject.ts"
import { diversity, likeness } from "./measures.ts"
import { openRenderer, type Renderer, type Request } from "./renderer.ts"
import { type Method, starterTraining } from "./training.ts"

/** Shares are 0..1; a ratio of 1 is as good as real pictures, or as the base. */
export type SubjectReport = {
  /** Likeness to real pictures of the subject, over the likeness of these among themselves. */
  readonly subjectFidelity: number
  /** How often the subject is picked out of ten of its class. */
  readonly recognised: number
  /** Background, time and class as the prompt says. */
  readonly background: number
  readonly time: number
  readonly class: number
  /** Likeness of plain class pictures to the subject, over that of real pictures: how far the class has drifted to it. */
  readonly drift: number
  /** Spread of plain class pictures over the base model's. */
  readonly diversity: number
  readonly classKept: number
  /** Of the training alone. */
  readonly seconds: number
}

export type SubjectTask = {
  readonly concept: Concept
  readonly number: number
  readonly judge: Judge
  readonly model: string
  /** Folder for pictures, class images and results. */
  readonly workspace: string
  readonly resolution: number
  readonly threads: number
  readonly maxTrainSteps?: number
  /** Given what a model drew, for people to look at. */
  readonly show: (name: string, pictures: readonly RgbPicture[]) => Promise<void>
}

const picturesPerPrompt = 2
const classPictures = 16

/** Real pictures and the base model's answers: what tuned models are held against. */
export type Reference = {
  readonly real: readonly Judgement[]
  /** The subject first, then others of its class: mean embeddings. */
  readonly candidates: readonly (readonly Judgement[])[]
  readonly baseClass: readonly Judgement[]
}

export async function referenceOf({ concept, number, judge }: SubjectTask, render: Renderer): Promise<Reference> {
  const { subject } = concept
  const real = await judge.judge(await portraits(subject, 40_000 + number * 100, 12))
  const candidates = [real]
  for (let i = 0; i < 9; i++) {
    const other = subjectFromSeed(30_000 + number * 10 + i, [subject.class])
    candidates.push(await judge.judge(await portraits(other, 50_000 + number * 100 + i * 10, 6)))
  }
  return { real, candidates, baseClass: await judge.judge(await render(classRequests(concept))) }
}

/** The untuned model, asked for the class in the subject's places: the floor of the measures. */
export function evaluateUntuned(task: SubjectTask, reference: Reference, render: Renderer): Promise<SubjectReport> {
  const { classPrompt, instancePrompt } = task.concept
  const said = (prompt: string) => prompt.replace(instancePrompt, classPrompt)
  const requests = subjectRequests(task.concept).map(({ prompt, seed }) => ({ prompt: said(prompt), seed }))
  return report(task, reference, render, { name: "base", requests, seconds: 0 })
}

export async function evaluateTuned(task: SubjectTask, reference: Reference, method: Method): Promise<SubjectReport> {
  const { concept, number, model, workspace, resolution, threads, maxTrainSteps } = task
  const folder = join(workspace, `subject-${number}`)
  const instanceImages = join(folder, "pictures")
  await writePictures(concept, instanceImages, 2 * resolution)
  const name = `${method.method}${method.withPriorPreservation ? "-prior" : ""}`
  const output = join(folder, name)
  const { instancePrompt, classPrompt } = concept
  // Class images are of the class, not of the subject: subjects of one class share them.
  const classImages = join(workspace, `class-${concept.subject.class}`)
  const prompts = { instanceImages, instancePrompt, classImages, classPrompt }
  const options = starterTraining(
    { model, ...prompts, output, resolution, threads, seed: number, ...(maxTrainSteps && { maxTrainSteps }) },
    method,
  )
  let begin = performance.now()
  // Class images are made once and kept.
  for await (const event of dreamBooth(trainingConfig.parse(options)))
    if (event.type === "ClassImageGenerated" || event.type === "RunStarted") begin = performance.now()
  const seconds = (performance.now() - begin) / 1000
  const render = await (method.method === "lora" ? openRenderer(model, threads, output) : openRenderer(output, threads))
  return report(task, reference, render, { name, requests: subjectRequests(concept), seconds })
}

async function report(
  { concept, judge, number, show }: SubjectTask,
  { real, candidates, baseClass }: Reference,
  render: Renderer,
  {
    name,
    requests,
    seconds,
  }: { readonly name: string; readonly requests: readonly Request[]; readonly seconds: number },
): Promise<SubjectReport> {
  const pictures = await render(requests)
  const plainPictures = await render(classRequests(concept))
  await show(`subject-${number}-${name}`, [...pictures, ...plainPictures])
  const shown = await judge.judge(pictures)
  const plain = await judge.judge(plainPictures)
  const settings = concept.asked.flatMap((setting) => Array<typeof setting>(picturesPerPrompt).fill(setting))
  const agrees = (right: (judgement: Judgement, i: number) => boolean | undefined) =>
    mean(shown.flatMap((judgement, i) => right(judgement, i) ?? []).map(Number))
  const among = likeness(real, real)
  return {
    subjectFidelity: likeness(shown, real) / among,
    recognised: agrees((judgement) => nearest(judgement, candidates) === 0),
    background: agrees((judgement, i) => answer(judgement, "background") === settings[i]?.background),
    time: agrees((judgement, i) =>
      settings[i]?.background === "moon" ? undefined : answer(judgement, "time") === settings[i]?.time,
    ),
    class: agrees((judgement) => answer(judgement, "class") === concept.subject.class),
    drift: likeness(plain, real) / among,
    diversity: diversity(plain) / diversity(baseClass),
    classKept: mean(plain.map((judgement) => Number(answer(judgement, "class") === concept.subject.class))),
    seconds,
  }
}

function subjectRequests({ asked }: Concept): Request[] {
  return asked.flatMap(({ prompt }, i) =>
    Array.from({ length: picturesPerPrompt }, (_, k) => ({ prompt, seed: 1000 + i * picturesPerPrompt + k })),
  )
}

function classRequests({ classPrompt }: Concept): Request[] {
  return Array.from({ length: classPictures }, (_, i) => ({ prompt: classPrompt, seed: 2000 + i }))
}

/** Index of the candidate that a picture is most like. */
function nearest(judgement: Judgement, candidates: readonly (readonly Judgement[])[]): number {
  const scores = candidates.map((pictures) =>
    mean(pictures.map(({ embedding }) => dot(embedding, judgement.embedding))),
  )
  return scores.indexOf(Math.max(...scores))
}
