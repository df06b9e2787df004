"use client"

/** A card as the Hub renders it: tags on top, then GitHub's Markdown without anything that runs. */

import Markdown from "react-markdown"
import rehypeSanitize from "rehype-sanitize"
import remarkGfm from "remark-gfm"
import { headProblem, readKey, splitCard } from "./frontMatter.ts"

type CardPreviewProps = { markdown: string; files?: readonly { path: string; url: string }[] }

export function CardPreview({ markdown, files = [] }: CardPreviewProps) {
  const { head, body } = splitCard(markdown)
  const readable = headProblem(head) === undefined
  const tags = readable
    ? readKey(head, "tags")
        .split(", ")
        .filter((tag) => tag !== "")
    : []
  const licence = readable ? readKey(head, "license") : ""
  const base = readable ? readKey(head, "base_model") : ""
  // Pictures of the card lie beside it in the repository.
  const resolve = (url: string) =>
    files.find((file) => file.path === url.replace(/^\.?\//, ""))?.url ??
    (/^(https?:|mailto:|#|\/files\/)/.test(url) ? url : "")
  return (
    <article className="min-w-0">
      <p className="flex flex-wrap gap-1.5">
        {tags.map((tag) => (
          <span key={tag} className="rounded-md border border-border px-2 py-0.5 text-xs">
            {tag}
          </span>
        ))}
        {licence !== "" && (
          <span className="rounded-md border border-border px-2 py-0.5 text-xs">Licence: {licence}</span>
        )}
        {base !== "" && <span className="rounded-md border border-border px-2 py-0.5 text-xs">Base: {base}</span>}
      </p>
      <div className="markdown mt-4">
        <Markdown remarkPlugins={[remarkGfm]} rehypePlugins={[rehypeSanitize]} urlTransform={resolve}>
          {body}
        </Markdown>
      </div>
    </article>
  )
}
