"use client"

import { useQuery } from "@apollo/client/react"
import { Upload } from "lucide-react"
import { useRef } from "react"
import { StartPicturesDocument } from "../../graphql/generated/graphql.ts"
import { Button } from "../../ui/Button.tsx"
import { Modal } from "../../ui/Modal.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { firstStrength, type StartImage } from "./generation.ts"
import { startPicturesName, useStartPicture } from "./useStartPicture.ts"

type PickStartPictureProps = { onPick: (picked: StartImage) => void; onClose: () => void }

/** Pictures of this computer, or those that are in the studio. Images of the gallery are started from there. */
export function PickStartPicture({ onPick, onClose }: PickStartPictureProps) {
  const { team, readOnly } = useSession()
  const query = useQuery(StartPicturesDocument, { variables: { teamId: team.id }, fetchPolicy: "cache-and-network" })
  const input = useRef<HTMLInputElement>(null)
  const start = useStartPicture(team.id)
  const choose = async (file: File | undefined) => {
    const picked = file && (await start.take(file))
    if (picked) onPick(picked)
  }
  return (
    <Modal
      open
      wide
      onClose={onClose}
      title="Start from a picture"
      hint={`Your own are kept in the data set “${startPicturesName}”.`}
    >
      <div className="flex flex-col gap-5">
        <div>
          <Button variant="primary" busy={start.busy} reason={readOnly} onClick={() => input.current?.click()}>
            <Upload /> A picture of this computer
          </Button>
          <input
            ref={input}
            type="file"
            aria-label="Picture to start from"
            accept="image/*"
            hidden
            onChange={(event) => void choose(event.target.files?.[0])}
          />
        </div>
        <QueryState query={query}>
          {({ datasets }) =>
            datasets.edges.map(
              ({ node }) =>
                node.images.edges.length > 0 && (
                  <section key={node.id}>
                    <h3 className="mb-2 font-medium text-muted text-xs">{node.name}</h3>
                    <ul className="grid grid-cols-4 gap-2 sm:grid-cols-6">
                      {node.images.edges.map(({ node: { id, name, thumbnailUrl } }) => (
                        <li key={id}>
                          <button
                            type="button"
                            className="block w-full overflow-hidden rounded-lg"
                            aria-label={`Start from ${name}`}
                            onClick={() => onPick({ kind: "image", id, url: thumbnailUrl, strength: firstStrength })}
                          >
                            <img src={thumbnailUrl} alt="" className="aspect-square w-full object-cover" />
                          </button>
                        </li>
                      ))}
                    </ul>
                  </section>
                ),
            )
          }
        </QueryState>
      </div>
    </Modal>
  )
}
