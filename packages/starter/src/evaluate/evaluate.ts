/** The whole evaluation of a starter model: the base, then DreamBooth in four ways on several subjects. */

import { mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { encodePng, imageGrid, loadStableDiffusion, nativeSize } from "@fjord/diffusion"
import { type Judge, loadJudge, type RgbPicture } from "../judges/judge.ts"
import { type Validation, validateJudge } from "../judges/validate.ts"
import { drawnConcept, shippedConcept } from "../subjects/concept.ts"
import { evaluationSubjects } from "../subjects/subject.ts"
import { type BaseReport, evaluateBase } from "./base.ts"
import { openRenderer } from "./renderer.ts"
import { evaluateTuned, evaluateUntuned, referenceOf, type SubjectReport } from "./subject.ts"
import { subjectLine } from "./tables.ts"
import { type Method, methods } from "./training.ts"

export type EvaluationOptions = {
  /** The model's folder, in diffusers' layout. */
  readonly model: string
  readonly subjects: number
  /** Prompts of the base's part. */
  readonly pictures: number
  /** 0 takes one per core. */
  readonly threads: number
  /** Receives contact sheets of all that was drawn, and report.json. */
  readonly out: string
  /** Steps of every training, in place of the recipe's. */
  readonly maxTrainSteps?: number
  readonly report: (line: string) => void
}

export type Arm = { readonly name: string; readonly reports: readonly SubjectReport[] }

export type Evaluation = {
  readonly judge: Validation
  readonly base: BaseReport
  /** The base model first, then each way of training. */
  readonly arms: readonly Arm[]
}

export async function evaluate(options: EvaluationOptions): Promise<Evaluation> {
  const { model, pictures, threads, out, report } = options
  await mkdir(out, { recursive: true })
  const judge = await loadJudge()
  try {
    const show = (name: string, shown: readonly RgbPicture[]) => writeSheet(join(out, `${name}.png`), shown)
    report("asking the judge about renderings")
    const validation = await validateJudge(judge, 400)
    report(`drawing ${pictures} prompts with the base model`)
    const base = await evaluateBase(await openRenderer(model, threads), judge, pictures, show)
    const arms = await evaluateSubjects(options, judge, show)
    const evaluation = { judge: validation, base, arms }
    await writeFile(join(out, "report.json"), `${JSON.stringify(evaluation, null, 2)}\n`)
    return evaluation
  } finally {
    await judge.release()
  }
}

async function evaluateSubjects(
  { model, subjects, threads, out, maxTrainSteps, report }: EvaluationOptions,
  judge: Judge,
  show: (name: string, pictures: readonly RgbPicture[]) => Promise<void>,
): Promise<Arm[]> {
  const workspace = join(out, "runs")
  await rm(workspace, { recursive: true, force: true })
  const resolution = nativeSize(await loadStableDiffusion(model))
  const reports = new Map<string, SubjectReport[]>()
  const note = (name: string, one: SubjectReport) => {
    reports.set(name, [...(reports.get(name) ?? []), one])
    report(`  ${name}: ${subjectLine(one)}`)
  }
  const render = await openRenderer(model, threads)
  for (const [number, subject] of evaluationSubjects(subjects).entries()) {
    const concept = number === 0 ? shippedConcept() : drawnConcept(subject, number)
    const limit = maxTrainSteps === undefined ? {} : { maxTrainSteps }
    const task = { concept, number, judge, model, workspace, resolution, threads, show, ...limit }
    const reference = await referenceOf(task, render)
    note("base, untrained", await evaluateUntuned(task, reference, render))
    for (const method of methods) {
      report(`subject ${number + 1} of ${subjects} (${subject.class}): ${nameOf(method)}`)
      note(nameOf(method), await evaluateTuned(task, reference, method))
    }
  }
  await rm(workspace, { recursive: true, force: true })
  return [...reports].map(([name, list]) => ({ name, reports: list }))
}

function nameOf({ method, withPriorPreservation }: Method): string {
  return `${method === "lora" ? "LoRA" : "full"}${withPriorPreservation ? " + prior preservation" : ""}`
}

async function writeSheet(file: string, pictures: readonly RgbPicture[]): Promise<void> {
  const columns = Math.min(12, pictures.length)
  await writeFile(file, await encodePng(imageGrid(pictures, Math.ceil(pictures.length / columns), columns)))
}
