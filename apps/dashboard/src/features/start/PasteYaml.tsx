"use client"

import { useLazyQuery } from "@apollo/client/react"
import { useState } from "react"
import { ParseTrainingYamlDocument } from "../../graphql/generated/graphql.ts"
import { Button } from "../../ui/Button.tsx"
import { TextArea } from "../../ui/Field.tsx"
import { count } from "../../ui/format.ts"
import { Modal } from "../../ui/Modal.tsx"
import { Notice } from "../../ui/Notice.tsx"
import { toast } from "../../ui/toast.ts"
import type { OptionValues } from "./draft.ts"

type PasteYamlProps = { open: boolean; onClose: () => void; onOptions: (options: OptionValues) => void }

/** Takes Fjord's own configuration file or the tutorial's dreambooth_param.yml, and says what it leaves out. */
export function PasteYaml({ open, onClose, onOptions }: PasteYamlProps) {
  const [yaml, setYaml] = useState("")
  const [taken, setTaken] = useState<number>()
  const [parse, { data, loading, error }] = useLazyQuery(ParseTrainingYamlDocument)
  const problems = data?.parseTrainingYaml.problems ?? []
  const close = () => {
    setTaken(undefined)
    onClose()
  }
  const apply = async () => {
    const { data: parsed } = await parse({ variables: { yaml } })
    const read = parsed?.parseTrainingYaml
    if (typeof read?.options !== "object" || read.options === null) return
    const settings = Object.keys(read.options).length
    if (settings === 0) return
    onOptions({ ...read.options })
    if (read.problems.length > 0) {
      setTaken(settings)
      return
    }
    toast.success(`${count(settings, "setting")} taken from the file.`)
    close()
  }
  return (
    <Modal
      open={open}
      onClose={close}
      title="Paste a configuration"
      hint="Fjord's YAML, or the tutorial's dreambooth_param.yml."
      footer={
        taken === undefined ? (
          <Button
            variant="primary"
            busy={loading}
            onClick={apply}
            reason={yaml.trim() === "" ? "Paste the file's text first." : undefined}
          >
            Use it
          </Button>
        ) : (
          <Button variant="primary" onClick={close}>
            Go on
          </Button>
        )
      }
    >
      {taken !== undefined && (
        <Notice tone="success" title={`${count(taken, "setting")} taken from the file`} className="mb-3">
          Look them over in the form.
        </Notice>
      )}
      {problems.length > 0 && (
        <Notice
          tone={taken === undefined ? "danger" : "warning"}
          title={taken === undefined ? "Nothing could be taken from this" : "Left out"}
          className="mb-3"
        >
          <ul className="list-disc break-words pl-4">
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Notice>
      )}
      {error !== undefined && (
        <Notice tone="danger" className="mb-3">
          {error.message}
        </Notice>
      )}
      <TextArea
        label="YAML"
        rows={12}
        value={yaml}
        onChange={(event) => {
          setYaml(event.target.value)
          setTaken(undefined)
        }}
        spellCheck={false}
        className="[&_textarea]:font-mono [&_textarea]:text-xs"
      />
    </Modal>
  )
}
