"use client"

import { ImagePlus } from "lucide-react"
import { useRouter } from "next/navigation"
import { CreateSampleConceptDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, LinkButton } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { TextField } from "../../ui/Field.tsx"
import { count } from "../../ui/format.ts"
import { Notice } from "../../ui/Notice.tsx"
import { Panel } from "../../ui/Panel.tsx"
import { useSession } from "../shell/Session.tsx"
import { ShowMore } from "../shell/ShowMore.tsx"
import { instancePrompt } from "./draft.ts"
import type { StepProps } from "./StartForm.tsx"

type SubjectStepProps = StepProps & {
  /** Asks for more data sets. */
  onMore: (options: { variables: { after: string | null } }) => unknown
}

export function SubjectStep({ data, draft, onChange, onMore }: SubjectStepProps) {
  const { team } = useSession()
  const router = useRouter()
  const sample = useAct(CreateSampleConceptDocument, { refetch: ["StartRun"] })
  const datasets = data.datasets.edges.map(({ node }) => node)
  const chosen = datasets.find((one) => one.id === draft.datasetId)
  const choose = (datasetId: string) => {
    const concept = data.concepts.edges.map(({ node }) => node).find((one) => one.dataset?.id === datasetId)
    onChange((now) => ({
      ...now,
      datasetId,
      conceptId: concept?.id,
      identifier: concept?.identifier ?? now.identifier,
      classNoun: concept?.classNoun ?? now.classNoun,
    }))
  }
  const takeSample = async () => {
    const concept = await sample.act({ teamId: team.id })
    if (concept !== undefined) router.replace(`/runs/new?concept=${concept.id}`)
  }
  return (
    <>
      <Panel
        title="Pictures"
        hint="Three to ten of one subject, from different sides and before different backgrounds."
      >
        {datasets.length === 0 ? (
          <EmptyState
            icon={<ImagePlus />}
            title="There are no pictures yet"
            actions={
              <>
                <LinkButton variant="primary" href="/datasets?new=1">
                  Add my own
                </LinkButton>
                <Button busy={sample.busy} onClick={takeSample}>
                  Take the sample
                </Button>
              </>
            }
          />
        ) : (
          <fieldset className="grid max-h-96 gap-2 overflow-y-auto p-0.5 sm:grid-cols-2">
            <legend className="sr-only">Data set</legend>
            {datasets.map((dataset) => (
              <label
                key={dataset.id}
                className={classes(
                  "flex cursor-pointer items-center gap-3 rounded-xl border p-2.5 has-focus-visible:outline-2 has-focus-visible:outline-focus",
                  dataset.id === draft.datasetId ? "border-accent bg-accent-soft" : "border-border hover:border-accent",
                )}
              >
                <input
                  type="radio"
                  name="dataset"
                  checked={dataset.id === draft.datasetId}
                  onChange={() => choose(dataset.id)}
                  className="sr-only"
                />
                <span className="grid size-14 shrink-0 grid-cols-2 gap-px overflow-hidden rounded-lg bg-surface-secondary">
                  {dataset.images.edges.map(({ node }) => (
                    <img key={node.id} src={node.thumbnailUrl} alt="" className="size-full object-cover" />
                  ))}
                </span>
                <span className="min-w-0">
                  <span className="block truncate font-medium text-sm">{dataset.name}</span>
                  <span className="block text-muted text-xs">{count(dataset.imageCount, "picture")}</span>
                </span>
              </label>
            ))}
            <div className="flex justify-center empty:hidden sm:col-span-2">
              <ShowMore page={data.datasets.pageInfo} fetchMore={onMore} />
            </div>
          </fieldset>
        )}
        {chosen !== undefined && chosen.warnings.length > 0 && (
          <Notice
            tone="warning"
            className="mt-3"
            title={
              chosen.warnings.length === 1
                ? chosen.warnings[0]?.message
                : `${chosen.warnings.length} hints about these pictures`
            }
            actions={
              <LinkButton href={`/datasets/${chosen.id}`} size="sm">
                Look
              </LinkButton>
            }
          >
            {chosen.warnings.length === 1
              ? chosen.warnings[0]?.fix
              : "Training works all the same; mending them makes it better."}
          </Notice>
        )}
      </Panel>
      <Panel title="Its name">
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label="Identifier"
            value={draft.identifier}
            onChange={(event) => onChange((now) => ({ ...now, identifier: event.target.value }))}
            hint="A rare word that means nothing yet; “sks” is what the paper's authors use."
          />
          <TextField
            label="What it is"
            value={draft.classNoun}
            onChange={(event) => onChange((now) => ({ ...now, classNoun: event.target.value }))}
            placeholder="toy"
            hint="The model builds on what it knows of this kind."
          />
        </div>
        <p className="mt-4 rounded-xl bg-surface-secondary px-4 py-3 text-sm">
          <span className="text-muted">It will be trained as </span>“{instancePrompt(draft)}”
          <span className="text-muted">, wherever a picture has no caption of its own.</span>
        </p>
      </Panel>
    </>
  )
}
