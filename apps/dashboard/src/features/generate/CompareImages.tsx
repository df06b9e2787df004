"use client"

import type { GalleryImageFragment } from "../../graphql/generated/graphql.ts"
import { CompareSlider } from "../../ui/CompareSlider.tsx"
import { Modal } from "../../ui/Modal.tsx"

type CompareImagesProps = { first: GalleryImageFragment; second: GalleryImageFragment; onClose: () => void }

export function CompareImages({ first, second, onClose }: CompareImagesProps) {
  const side = (image: GalleryImageFragment) => ({ url: image.url, label: `seed ${image.seed}`, alt: image.prompt })
  return (
    <Modal open wide onClose={onClose} title="Compare two images">
      <CompareSlider before={side(first)} after={side(second)} />
      <dl className="mt-3 grid gap-3 text-sm sm:grid-cols-2">
        {[first, second].map((image, index) => (
          <div key={image.id} className={index === 1 ? "sm:text-right" : ""}>
            <dt className="text-muted text-xs">{index === 0 ? "Left" : "Right"}</dt>
            <dd>{image.prompt}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  )
}
