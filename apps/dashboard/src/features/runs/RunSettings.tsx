"use client"

import { Copy } from "lucide-react"
import { stringify } from "yaml"
import { Button } from "../../ui/Button.tsx"
import { copyText } from "../../ui/copyText.ts"
import { Panel } from "../../ui/Panel.tsx"
import { ScrollArea } from "../../ui/ScrollArea.tsx"
import { say } from "../start/say.ts"
import { runOptions, toSnakeCase } from "./runOptions.ts"
import type { RunPageRun } from "./useRunFollow.ts"

export function RunSettings({ run }: { run: RunPageRun }) {
  const options = runOptions(run.config)
  const yaml = stringify(
    Object.fromEntries(Object.entries(options).map(([name, value]) => [toSnakeCase(name), value])),
    {
      sortMapEntries: true,
    },
  )
  const copy = () => copyText(yaml, "Copied as YAML.", "“Paste YAML” on a new run takes it back.")
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      <Panel title="Different from what is recommended">
        {run.differencesFromDefaults.length === 0 ? (
          <p className="text-muted text-sm">Nothing: this run uses every recommended value.</p>
        ) : (
          <table className="w-full text-sm">
            <thead>
              <tr className="text-left text-muted text-xs">
                <th className="pb-2 font-medium">Option</th>
                <th className="pb-2 font-medium">This run</th>
                <th className="pb-2 text-right font-medium">Recommended</th>
              </tr>
            </thead>
            <tbody>
              {run.differencesFromDefaults.map((difference) => (
                <tr key={difference.name} className="border-separator border-t align-top">
                  <td className="py-1.5 pr-3 font-mono text-xs leading-5">{toSnakeCase(difference.name)}</td>
                  <td className="break-words py-1.5 pr-3 font-medium">{say(difference.value)}</td>
                  <td className="py-1.5 text-right text-muted">{say(difference.default)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Panel>
      <Panel
        title="The whole configuration"
        actions={
          <Button size="sm" onClick={() => void copy()}>
            <Copy /> Copy YAML
          </Button>
        }
      >
        <ScrollArea label="Configuration as YAML" className="max-h-96 rounded-xl bg-surface-secondary p-4">
          <pre className="font-mono text-xs leading-5">{yaml}</pre>
        </ScrollArea>
      </Panel>
    </div>
  )
}
