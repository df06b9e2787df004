"use client"

/** Image to image: the picture to start from instead of noise, and how much of it may change. */

import { ImageUp, X } from "lucide-react"
import dynamic from "next/dynamic"
import { useState } from "react"
import { Button, IconButton } from "../../ui/Button.tsx"
import { Panel } from "../../ui/Panel.tsx"
import type { ChangeDraft, GenerationDraft } from "./generation.ts"

const PickStartPicture = dynamic(() => import("./PickStartPicture.tsx").then((module) => module.PickStartPicture), {
  ssr: false,
})

export function StartPicture({ draft, onChange }: { draft: GenerationDraft; onChange: ChangeDraft }) {
  const [picking, setPicking] = useState(false)
  const { startImage } = draft
  return (
    <Panel
      title="Start from a picture"
      actions={
        startImage === undefined ? (
          <Button size="sm" onClick={() => setPicking(true)}>
            <ImageUp /> Choose
          </Button>
        ) : (
          <IconButton
            label="Start from noise"
            icon={<X />}
            onClick={() => onChange((now) => ({ ...now, startImage: undefined }))}
            tipAlign="end"
          />
        )
      }
    >
      {startImage === undefined ? (
        <p className="text-muted text-sm">Otherwise the image starts from noise.</p>
      ) : (
        <div className="flex items-center gap-4">
          <img src={startImage.url} alt="The start" className="size-20 rounded-lg object-cover" />
          <label className="flex min-w-0 flex-1 flex-col gap-1 text-sm">
            <span className="flex justify-between">
              Strength <span className="text-muted tabular-nums">{startImage.strength.toFixed(2)}</span>
            </span>
            <input
              type="range"
              min={0.05}
              max={1}
              step={0.05}
              value={startImage.strength}
              onChange={(event) => {
                const strength = Number(event.target.value)
                onChange((now) =>
                  now.startImage === undefined ? now : { ...now, startImage: { ...now.startImage, strength } },
                )
              }}
              className="accent-[var(--accent)]"
            />
            <span className="text-muted text-xs">Near 0 it stays as it is; at 1 nothing of it is kept.</span>
          </label>
        </div>
      )}
      {picking && (
        <PickStartPicture
          onPick={(picked) => {
            onChange((now) => ({ ...now, startImage: picked }))
            setPicking(false)
          }}
          onClose={() => setPicking(false)}
        />
      )}
    </Panel>
  )
}
