import { formatBytes } from "../../ui/format.ts"
import { Panel } from "../../ui/Panel.tsx"
import type { SettingsData } from "./SettingsPage.tsx"

export function StorageUse({ storage }: { storage: SettingsData["storage"] }) {
  const parts: [string, number][] = [
    ["Models", storage.models],
    ["Checkpoints", storage.checkpoints],
    ["Generated images", storage.generatedImages],
    ["Data sets", storage.datasets],
    ["Samples", storage.samples],
  ]
  const most = Math.max(1, ...parts.map(([, bytes]) => bytes))
  return (
    <Panel title="Storage" hint={`${formatBytes(storage.total)} in all; equal files are kept once.`}>
      <dl className="flex flex-col gap-3 text-sm">
        {parts.map(([name, bytes]) => (
          <div key={name} className="grid grid-cols-[1fr_auto] gap-y-1">
            <dt>{name}</dt>
            <dd className="text-muted tabular-nums">{formatBytes(bytes)}</dd>
            <dd aria-hidden="true" className="col-span-2 h-1.5 rounded-full bg-surface-tertiary">
              <div className="h-full rounded-full bg-accent" style={{ width: `${(100 * bytes) / most}%` }} />
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  )
}
