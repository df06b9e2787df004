"use client"

/** A card as the Hub renders it: what it sorts by on top, then GitHub's Markdown without anything that runs. */

import { Fragment } from "react"
import Markdown from "react-markdown"
import rehypeSanitize from "rehype-sanitize"
import remarkGfm from "remark-gfm"
import { type GalleryEntry, headProblem, readGallery, readKey, splitAtGallery, splitCard } from "./frontMatter.ts"

/** A picture that lies beside the card in the repository. */
export type CardFile = { path: string; url: string }

type CardPreviewProps = { markdown: string; files?: readonly CardFile[] }

/** Some tasks and libraries have names of their own at the Hub. */
const hubNames: Record<string, string> = {
  "text-to-image": "Text-to-Image",
  "image-to-image": "Image-to-Image",
  diffusers: "Diffusers",
}

const listOf = (text: string): string[] => text.split(", ").filter((part) => part !== "")

export function CardPreview({ markdown, files = [] }: CardPreviewProps) {
  const { head, body } = splitCard(markdown)
  const key = (name: string) => (headProblem(head) === undefined ? readKey(head, name) : "")
  const gallery = headProblem(head) === undefined ? readGallery(head) : []
  const resolve = (url: string) => fileUrl(files, url)
  const [task, library, licence, base] = ["pipeline_tag", "library_name", "license", "base_model"].map(key)
  // The Hub drops the tags that it shows in another place.
  const tags = listOf(key("tags")).filter((tag) => tag !== task && tag !== library)
  const chips = [
    ...[task, library].flatMap((name) => (name ? [hubNames[name] ?? name] : [])),
    ...listOf(key("datasets")).map((name) => `Dataset: ${name}`),
    ...listOf(key("language")),
    ...tags,
    ...(licence ? [`License: ${licence}`] : []),
  ]
  const parts = splitAtGallery(body)
  return (
    <article className="min-w-0">
      <ul className="flex flex-wrap gap-1.5">
        {chips.map((chip) => (
          <li key={chip} className="rounded-md border border-border px-2 py-0.5 text-xs">
            {chip}
          </li>
        ))}
      </ul>
      {base !== "" && (
        <p className="mt-3 text-muted text-xs">
          Base model: <span className="text-foreground">{base}</span>
        </p>
      )}
      <div className="mt-4 flex flex-col gap-4">
        {parts.map((part, index) => (
          // A body is split once at most, so that the place tells the parts apart.
          <Fragment key={index === 0 ? "before" : "after"}>
            {index > 0 && <Gallery entries={gallery} resolve={resolve} />}
            <div className="markdown">
              <Markdown remarkPlugins={[remarkGfm]} rehypePlugins={[rehypeSanitize]} urlTransform={resolve}>
                {part}
              </Markdown>
            </div>
          </Fragment>
        ))}
      </div>
    </article>
  )
}

/** Pictures of a card lie beside it in the repository; addresses that could run something are dropped. */
export const fileUrl = (files: readonly CardFile[], url: string): string =>
  files.find((file) => file.path === url.replace(/^\.?\//, ""))?.url ??
  (/^(https?:|mailto:|#|\/files\/)/.test(url) ? url : "")

function Gallery({ entries, resolve }: { entries: readonly GalleryEntry[]; resolve: (url: string) => string }) {
  if (entries.length === 0)
    return <p className="text-muted text-sm">The gallery is empty; choose pictures for it in the head.</p>
  return (
    <ul aria-label="Gallery" className="grid grid-cols-2 gap-3 sm:grid-cols-3">
      {entries.map(({ text, url }) => {
        const source = resolve(url)
        return (
          <li key={url} className="overflow-hidden rounded-xl border border-border">
            {source === "" ? (
              <p className="checkered grid aspect-square place-items-center p-3 text-center text-muted text-xs">
                {url} is not among the files
              </p>
            ) : (
              // The prompt beneath says what it shows.
              <img src={source} alt="" className="aspect-square w-full object-cover" />
            )}
            <p className="px-2.5 py-2 text-xs leading-4.5">{text}</p>
          </li>
        )
      })}
    </ul>
  )
}
