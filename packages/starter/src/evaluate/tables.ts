/** An evaluation as Markdown tables. */

import type { Validation } from "../judges/validate.ts"
import { mean } from "../judges/validate.ts"
import type { BaseReport } from "./base.ts"
import type { Arm, Evaluation } from "./evaluate.ts"
import type { SubjectReport } from "./subject.ts"

export function evaluationTables({ judge, base, arms }: Evaluation): string {
  return [judgeTable(judge), baseTable(base), ...(arms.length > 0 ? [subjectTable(arms)] : [])].join("\n\n")
}

/** Whether the judge tells right from wrong on real renderings. */
export function judgeTable({ accuracy, ...likeness }: Validation): string {
  const { same, different, twins, plain, separation, twinSeparation } = likeness
  return [
    "The judge on held-out renderings",
    "",
    table(["right about", "background", "time", "object", "colour", "pattern"], [["renderings", ...shares(accuracy)]]),
    "",
    table(
      ["likeness of two pictures of", "mean cosine", "told from one subject"],
      [
        ["one subject", number(same), ""],
        ["two subjects of a class", number(different), percent(separation)],
        ["two subjects that differ in one trait", number(twins), percent(twinSeparation)],
        ["a subject and a plain thing of its class", number(plain), ""],
      ],
    ),
  ].join("\n")
}

function baseTable({ pictures, model, renderings, distance, distanceOfRenderings }: BaseReport): string {
  return [
    `The base model: ${pictures} prompts of held-out scenes`,
    "",
    table(
      ["as the prompt says", "background", "time", "object", "colour", "pattern", "kernel distance × 1000"],
      [
        ["model", ...shares(model), number(distance * 1000)],
        ["renderings (the judge's limit)", ...shares(renderings), number(distanceOfRenderings * 1000)],
      ],
    ),
  ].join("\n")
}

const columns: readonly [string, keyof SubjectReport][] = [
  ["subject fidelity", "subjectFidelity"],
  ["picked out of ten", "recognised"],
  ["background", "background"],
  ["time", "time"],
  ["object", "class"],
  ["class drift", "drift"],
  ["class diversity", "diversity"],
  ["class kept", "classKept"],
]

/** One training's figures in a line, for those who wait for the table. */
export function subjectLine(report: SubjectReport): string {
  return columns.map(([title, key]) => `${title} ${percent(report[key])}`).join(", ")
}

function subjectTable(arms: readonly Arm[]): string {
  const subjects = arms[0]?.reports.length ?? 0
  const rows = arms.map(({ name, reports }) => [
    name,
    ...columns.map(([, key]) => percent(mean(reports.map((report) => report[key])))),
    `${Math.round(mean(reports.map(({ seconds }) => seconds)))} s`,
  ])
  return [
    `DreamBooth: means over ${subjects} subjects`,
    "",
    table(["", ...columns.map(([title]) => title), "training"], rows),
  ].join("\n")
}

function shares({ background, time, class: object, colour, pattern }: Validation["accuracy"]): string[] {
  return [background, time, object, colour, pattern].map(percent)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "--:"))), ...rows.map(line)].join("\n")
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`
const number = (value: number) => value.toFixed(2)
