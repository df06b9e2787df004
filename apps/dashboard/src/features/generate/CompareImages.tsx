"use client"

/** Two images over each other or side by side, and what they were made with differently. */

import { useQuery } from "@apollo/client/react"
import { ArrowLeftRight } from "lucide-react"
import { useState } from "react"
import { type GalleryImageFragment, ImageDetailDocument } from "../../graphql/generated/graphql.ts"
import { Button } from "../../ui/Button.tsx"
import { CompareSlider } from "../../ui/CompareSlider.tsx"
import { Modal } from "../../ui/Modal.tsx"
import { Tabs } from "../../ui/Tabs.tsx"
import { differences } from "./differences.ts"

type CompareImagesProps = { first: GalleryImageFragment; second: GalleryImageFragment; onClose: () => void }

export function CompareImages({ first, second, onClose }: CompareImagesProps) {
  const [swapped, setSwapped] = useState(false)
  const [view, setView] = useState("slider")
  const [left, right] = swapped ? [second, first] : [first, second]
  const label = (image: GalleryImageFragment) => `seed ${image.seed}`
  const side = (image: GalleryImageFragment) => ({ url: image.url, label: label(image), alt: image.prompt })
  return (
    <Modal open wide onClose={onClose} title="Compare two images">
      <div className="flex flex-col gap-4">
        <Tabs
          value={view}
          onChange={setView}
          tabs={[
            {
              value: "slider",
              label: "One over the other",
              content: <CompareSlider before={side(left)} after={side(right)} />,
            },
            {
              value: "beside",
              label: "Side by side",
              content: (
                <div className="grid grid-cols-2 gap-2">
                  {[left, right].map((image) => (
                    <figure key={image.id} className="overflow-hidden rounded-xl bg-surface-tertiary">
                      <img src={image.url} alt={image.prompt} className="max-h-[60dvh] w-full object-contain" />
                      <figcaption className="px-3 py-1.5 text-muted text-xs">{label(image)}</figcaption>
                    </figure>
                  ))}
                </div>
              ),
            },
          ]}
        />
        <Differences left={left} right={right} />
        <Button size="sm" className="self-start" onClick={() => setSwapped(!swapped)}>
          <ArrowLeftRight /> Swap
        </Button>
      </div>
    </Modal>
  )
}

function Differences({ left, right }: { left: GalleryImageFragment; right: GalleryImageFragment }) {
  const [a, b] = [
    useQuery(ImageDetailDocument, { variables: { id: left.id } }).data?.generatedImage,
    useQuery(ImageDetailDocument, { variables: { id: right.id } }).data?.generatedImage,
  ]
  if (!a || !b) return null
  const rows = differences(a, b)
  if (rows.length === 0) return <p className="text-muted text-sm">They were made with the same settings and seed.</p>
  return (
    <table className="w-full table-fixed text-sm">
      <caption className="sr-only">What they were made with differently</caption>
      <thead className="text-left text-muted text-xs">
        <tr>
          <th scope="col" className="w-24 py-1 font-medium">
            Different
          </th>
          <th scope="col" className="py-1 font-medium">
            Left
          </th>
          <th scope="col" className="py-1 font-medium">
            Right
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, left: one, right: other }) => (
          <tr key={name} className="border-separator border-t align-top">
            <th scope="row" className="py-1.5 text-left font-normal text-muted">
              {name}
            </th>
            <td className="break-words py-1.5 pr-3 tabular-nums">{one}</td>
            <td className="break-words py-1.5 tabular-nums">{other}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
