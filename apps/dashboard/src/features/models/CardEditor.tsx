"use client"

/** The card: its head as a form, its text as Markdown, and beside them what the Hub will show. */

import { useQuery } from "@apollo/client/react"
import { FilePlus2, Save, Wand2 } from "lucide-react"
import { useDeferredValue, useEffect, useState } from "react"
import {
  CheckModelCardDocument,
  DraftModelCardDocument,
  SaveModelCardDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { useShortcut } from "../../shortcuts/useShortcut.ts"
import { Button } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { SelectField, TextArea, TextField } from "../../ui/Field.tsx"
import { Notice } from "../../ui/Notice.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { toast } from "../../ui/toast.ts"
import { useKept } from "../../ui/useKept.ts"
import { useSession } from "../shell/Session.tsx"
import { useSettled } from "../start/useSettled.ts"
import { CardPreview } from "./CardPreview.tsx"
import { cardPictures } from "./cardPictures.ts"
import {
  headProblem,
  joinCard,
  readGallery,
  readKey,
  splitCard,
  withGalleryMark,
  writeGallery,
  writeKey,
} from "./frontMatter.ts"
import { GalleryForm } from "./GalleryForm.tsx"
import type { ModelDetail } from "./ModelPage.tsx"

const licences = [
  "creativeml-openrail-m",
  "openrail++",
  "apache-2.0",
  "mit",
  "cc-by-4.0",
  "cc-by-sa-4.0",
  "cc-by-nc-4.0",
  "cc0-1.0",
  "other",
]

const fields = [
  { key: "base_model", label: "Base model", hint: "The Hub id of what it was trained on.", list: false },
  { key: "instance_prompt", label: "Instance prompt", hint: "The words that call the subject.", list: false },
  { key: "tags", label: "Tags", hint: "With commas; the Hub finds models by them.", list: true },
  { key: "language", label: "Language", hint: "Of the prompts, e.g. en.", list: true },
] as const

export function CardEditor({ model }: { model: ModelDetail }) {
  const { readOnly } = useSession()
  const newest = model.card?.versions[0]
  const saved = newest?.markdown ?? ""
  const [markdown, setMarkdown] = useKept(`card ${model.id}`, newest?.id ?? "none", () => saved)
  const [source, setSource] = useState(false)
  const save = useAct(SaveModelCardDocument, { refetch: ["ModelPage"] })
  const draft = useAct(DraftModelCardDocument)
  const shown = useDeferredValue(markdown)
  const { head, body } = splitCard(markdown)
  const problem = headProblem(head)
  const changed = markdown !== saved
  const pictures = cardPictures(model.run?.samples ?? [])
  useUnsaved(changed)
  const licence = problem === undefined ? readKey(head, "license") : ""

  const saveNow = async () => {
    const version = await save.act({ modelId: model.id, markdown })
    if (version !== undefined) toast.success(`Saved as version ${version.number}.`)
  }
  const fillIn = async () => {
    const drafted = await draft.act({ modelId: model.id })
    if (drafted === undefined) return
    const before = markdown
    setMarkdown(drafted)
    toast(
      "Filled in from what Fjord knows.",
      before === "" ? {} : { action: { label: "Undo", onClick: () => setMarkdown(before) } },
    )
  }
  const setKey = (key: string, text: string, list: boolean) =>
    setMarkdown(joinCard({ head: writeKey(head, key, text, list), body }))
  const saveReason =
    readOnly ??
    (problem === undefined
      ? changed
        ? undefined
        : "Nothing has changed since the last version."
      : "Mend the head of the card first.")
  useShortcut("w", "Save the card", "Model", () => saveReason === undefined && void saveNow())

  if (markdown === "" && saved === "")
    return (
      <EmptyState
        icon={<FilePlus2 />}
        title="It has no card yet"
        className="rounded-2xl border border-border border-dashed bg-surface"
        actions={
          <Button variant="primary" reason={readOnly} busy={draft.busy} onClick={fillIn}>
            <Wand2 /> Write it for me
          </Button>
        }
      >
        A card tells others what the model is, what it was made from and how it is used. Fjord knows most of it.
      </EmptyState>
    )
  return (
    <div className="grid items-start gap-5 xl:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-4">
        <CardProblems markdown={markdown} />
        <Panel
          title="Head"
          hint="What the Hub sorts and finds models by."
          actions={
            <Button size="sm" aria-pressed={source} onClick={() => setSource(!source)}>
              {source ? "Form" : "YAML"}
            </Button>
          }
        >
          {source || problem !== undefined ? (
            <TextArea
              label="YAML"
              rows={10}
              value={head}
              error={problem}
              spellCheck={false}
              onChange={(event) => setMarkdown(joinCard({ head: event.target.value, body }))}
              className="[&_textarea]:font-mono [&_textarea]:text-xs"
            />
          ) : (
            <div className="grid gap-4 sm:grid-cols-2">
              <SelectField
                label="Licence"
                hint="Usually that of the base model."
                value={licence}
                choices={[
                  ...(licence === "" ? [{ value: "", label: "Choose one" }] : []),
                  ...[...new Set([...(licence === "" ? [] : [licence]), ...licences])].map((name) => ({
                    value: name,
                    label: name,
                  })),
                ]}
                onChange={(event) => setKey("license", event.target.value, false)}
              />
              {fields.map(({ key, label, hint, list }) => (
                <HeadField
                  key={key}
                  label={label}
                  hint={hint}
                  value={readKey(head, key)}
                  onChange={(text) => setKey(key, text, list)}
                />
              ))}
              <div className="sm:col-span-2">
                <GalleryForm
                  entries={readGallery(head)}
                  pictures={pictures}
                  onChange={(entries) =>
                    setMarkdown(
                      joinCard({
                        head: writeGallery(head, entries),
                        body: entries.length > 0 ? withGalleryMark(body) : body,
                      }),
                    )
                  }
                />
              </div>
            </div>
          )}
        </Panel>
        <Panel title="Text">
          <TextArea
            label="Markdown"
            hideLabel
            rows={24}
            value={body}
            onChange={(event) => setMarkdown(joinCard({ head, body: event.target.value }))}
            className="[&_textarea]:font-mono [&_textarea]:text-[0.8125rem]"
          />
        </Panel>
        <div className="sticky bottom-20 z-10 flex flex-wrap justify-end gap-2 rounded-2xl border border-border bg-overlay p-2 shadow-surface md:bottom-4">
          <Button reason={readOnly} busy={draft.busy} onClick={fillIn}>
            <Wand2 /> Fill in anew
          </Button>
          <Button variant="primary" reason={saveReason} busy={save.busy} onClick={saveNow}>
            <Save /> Save a version
          </Button>
        </div>
      </div>
      <Panel
        title="As the Hub shows it"
        className="xl:sticky xl:top-5 xl:max-h-[calc(100dvh-2.5rem)] xl:overflow-y-auto"
      >
        <CardPreview markdown={shown} files={[...pictures, ...model.files]} />
      </Panel>
    </div>
  )
}

/** What the Hub would say to the card as it is now, a moment after the last key. */
function CardProblems({ markdown }: { markdown: string }) {
  const settled = useSettled(markdown, 500)
  const { data, previousData } = useQuery(CheckModelCardDocument, { variables: { markdown: settled } })
  const problems = (data ?? previousData)?.checkModelCard ?? []
  if (problems.length === 0) return null
  return (
    <Notice tone={problems.some(({ level }) => level === "error") ? "danger" : "warning"} title="Before publishing">
      <ul className="list-disc pl-4">
        {problems.map(({ field, message }) => (
          <li key={`${field} ${message}`}>
            {field !== null && <code className="text-xs">{field}</code>} {message}
          </li>
        ))}
      </ul>
    </Notice>
  )
}

/** The browser asks before a tab with an unsaved card is closed; within the studio the text is kept anyway. */
function useUnsaved(changed: boolean) {
  useEffect(() => {
    if (!changed) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener("beforeunload", ask)
    return () => window.removeEventListener("beforeunload", ask)
  }, [changed])
}

/** Holds what is typed until the cursor leaves, so that a comma at the end is not taken away while typing a list. */
function HeadField({
  label,
  hint,
  value,
  onChange,
}: {
  label: string
  hint: string
  value: string
  onChange: (text: string) => void
}) {
  const [text, setText] = useState<string>()
  return (
    <TextField
      label={label}
      hint={hint}
      value={text ?? value}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => {
        if (text !== undefined && text !== value) onChange(text)
        setText(undefined)
      }}
    />
  )
}
