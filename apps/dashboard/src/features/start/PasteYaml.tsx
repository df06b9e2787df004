"use client"

import { useLazyQuery } from "@apollo/client/react"
import { useState } from "react"
import { toast } from "sonner"
import { ParseTrainingYamlDocument } from "../../graphql/generated/graphql.ts"
import { Button } from "../../ui/Button.tsx"
import { TextArea } from "../../ui/Field.tsx"
import { count } from "../../ui/format.ts"
import { Modal } from "../../ui/Modal.tsx"
import { Notice } from "../../ui/Notice.tsx"
import type { OptionValues } from "./draft.ts"

type PasteYamlProps = { open: boolean; onClose: () => void; onOptions: (options: OptionValues) => void }

/** Takes Fjord's own configuration file or the tutorial's dreambooth_param.yml. */
export function PasteYaml({ open, onClose, onOptions }: PasteYamlProps) {
  const [yaml, setYaml] = useState("")
  const [parse, { data, loading, error }] = useLazyQuery(ParseTrainingYamlDocument)
  const apply = async () => {
    const { data: parsed } = await parse({ variables: { yaml } })
    const read = parsed?.parseTrainingYaml
    if (read === undefined || read.problems.length > 0 || typeof read.options !== "object" || read.options === null)
      return
    // Folders of another machine mean nothing here; pictures and model are chosen above.
    const { model, instanceImages, output, classImages, ...options } = {
      model: 0,
      instanceImages: 0,
      output: 0,
      classImages: 0,
      ...read.options,
    }
    onOptions(options)
    toast.success(`${count(Object.keys(options).length, "setting")} taken from the file.`)
    onClose()
  }
  const problems = data?.parseTrainingYaml.problems ?? []
  return (
    <Modal
      open={open}
      onClose={onClose}
      title="Paste a configuration"
      hint="Fjord's YAML, or the tutorial's dreambooth_param.yml."
      footer={
        <Button
          variant="primary"
          busy={loading}
          onClick={apply}
          reason={yaml.trim() === "" ? "Paste the file's text first." : undefined}
        >
          Use it
        </Button>
      }
    >
      <TextArea
        label="YAML"
        rows={12}
        value={yaml}
        onChange={(event) => setYaml(event.target.value)}
        spellCheck={false}
        className="[&_textarea]:font-mono [&_textarea]:text-xs"
      />
      {problems.length > 0 && (
        <Notice tone="danger" title="This cannot be used as it is" className="mt-3">
          <ul className="list-disc pl-4">
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Notice>
      )}
      {error !== undefined && (
        <Notice tone="danger" className="mt-3">
          {error.message}
        </Notice>
      )}
    </Modal>
  )
}
