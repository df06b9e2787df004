"use client"

import { TextField } from "../../ui/Field.tsx"
import { count } from "../../ui/format.ts"
import { Panel } from "../../ui/Panel.tsx"
import { differs, instancePrompt, scenesOf } from "./draft.ts"
import type { StepProps } from "./StartForm.tsx"
import { say } from "./say.ts"
import { defaultsOf } from "./startData.ts"

export function CheckStep({ data, draft, onChange, name }: StepProps & { name: string }) {
  const dataset = data.datasets.edges.find(({ node }) => node.id === draft.datasetId)?.node
  const model = data.baseModels.edges.find(({ node }) => node.id === draft.baseModelId)?.node
  const changed = data.trainingOptions.filter((option) => option.name !== "validationPrompts" && differs(draft, option))
  const lines: [string, string][] = [
    ["Pictures", dataset === undefined ? "none chosen" : `${dataset.name}, ${count(dataset.imageCount, "picture")}`],
    [
      "Learns",
      `“${typeof draft.options.instancePrompt === "string" ? draft.options.instancePrompt : instancePrompt(draft)}”`,
    ],
    ["Draws meanwhile", say(scenesOf(draft))],
    ["Starts from", model?.name ?? "none chosen"],
    ["Length", `${say({ ...defaultsOf(data), ...draft.options }.maxTrainSteps)} steps`],
  ]
  return (
    <Panel title="Is this right?">
      <TextField
        label="Name of the run"
        value={draft.name}
        placeholder={name}
        onChange={(event) => onChange((now) => ({ ...now, name: event.target.value }))}
        hint="Can be changed at any time."
        maxLength={100}
      />
      <dl className="mt-5 grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2 text-sm">
        {lines.map(([term, value]) => (
          <div key={term} className="contents">
            <dt className="text-muted">{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h3 className="mt-6 mb-2 font-medium text-sm">
        {changed.length === 0 ? "Everything else as recommended" : "Different from what is recommended"}
      </h3>
      {changed.length > 0 && (
        <table className="w-full text-sm">
          <thead className="sr-only">
            <tr>
              <th>Option</th>
              <th>Yours</th>
              <th>Recommended</th>
            </tr>
          </thead>
          <tbody>
            {changed.map((option) => (
              <tr key={option.name} className="border-separator border-t">
                <td className="py-1.5 pr-3 text-muted">{option.label}</td>
                <td className="py-1.5 pr-3 font-medium">{say(draft.options[option.name])}</td>
                <td className="py-1.5 text-right text-muted">{say(option.default)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
