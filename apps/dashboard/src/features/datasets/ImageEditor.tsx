"use client"

/** Crop and turn one picture; the original stays in the versions that runs used. */

import "react-image-crop/dist/ReactCrop.css"
import { RotateCcw, RotateCw } from "lucide-react"
import { useState } from "react"
import ReactCrop, { type PercentCrop } from "react-image-crop"
import { EditImageDocument, type ImageFieldsFragment } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { SwitchField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"

/** From shares of the shown picture to whole pixels of the stored one. */
const toPixels = (crop: PercentCrop, { width, height }: { width: number; height: number }) => ({
  x: Math.round((crop.x / 100) * width),
  y: Math.round((crop.y / 100) * height),
  width: Math.max(1, Math.round((crop.width / 100) * width)),
  height: Math.max(1, Math.round((crop.height / 100) * height)),
})

/** The largest square in the middle, which is what training cuts to. There is a frame at once, for keys to move it. */
function middleSquare({ width, height }: { width: number; height: number }): PercentCrop {
  const side = Math.min(width, height)
  const share = { width: (100 * side) / width, height: (100 * side) / height }
  return { unit: "%", x: (100 - share.width) / 2, y: (100 - share.height) / 2, ...share }
}

type ImageEditorProps = { image: ImageFieldsFragment; onChanged: () => void; onClose: () => void }

export function ImageEditor({ image, onChanged, onClose }: ImageEditorProps) {
  const [crop, setCrop] = useState<PercentCrop | undefined>(() => middleSquare(image))
  const [square, setSquare] = useState(true)
  const edit = useAct(EditImageDocument)
  const rotate = async (degrees: number) => {
    if ((await edit.act({ id: image.id, rotate: degrees })) !== undefined) onChanged()
  }
  const area = crop !== undefined && crop.width > 0 ? toPixels(crop, image) : undefined
  const whole = area?.width === image.width && area.height === image.height
  const cropNow = async () => {
    if (area === undefined || (await edit.act({ id: image.id, crop: area })) === undefined) return
    onChanged()
    onClose()
  }
  return (
    <Modal
      open
      wide
      onClose={onClose}
      title={image.name}
      hint={
        area === undefined
          ? `${image.width} × ${image.height} pixels. Drag over the part to keep.`
          : whole
            ? `${image.width} × ${image.height} pixels. Drag a corner of the frame, or move it by the arrow keys.`
            : `Keeps ${area.width} × ${area.height} of ${image.width} × ${image.height} pixels. Drag it, or move it by the arrow keys.`
      }
      footer={
        <>
          <Button busy={edit.busy} onClick={() => rotate(270)}>
            <RotateCcw /> Turn left
          </Button>
          <Button busy={edit.busy} onClick={() => rotate(90)}>
            <RotateCw /> Turn right
          </Button>
          <span className="flex-1" />
          <Button
            variant="primary"
            busy={edit.busy}
            reason={
              area === undefined
                ? "Drag over the picture first."
                : whole
                  ? "The frame keeps all of it; make it smaller first."
                  : undefined
            }
            onClick={cropNow}
          >
            Crop
          </Button>
        </>
      }
    >
      <SwitchField
        label="Keep it square"
        hint="Training cuts to a square anyway; cut it yourself to choose what stays."
        checked={square}
        onChange={setSquare}
        className="mb-3"
      />
      <div className="grid place-items-center rounded-xl bg-surface-secondary p-2">
        <ReactCrop
          {...(crop === undefined ? {} : { crop })}
          {...(square ? { aspect: 1 } : {})}
          onChange={(_, percent) => setCrop(percent)}
          ruleOfThirds
        >
          <img src={image.url} alt={image.caption || image.name} className="max-h-[55dvh]" />
        </ReactCrop>
      </div>
    </Modal>
  )
}
