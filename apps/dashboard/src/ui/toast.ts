/** Short words at the edge of the page. What shows them is loaded with the first one. */

import type { ExternalToast } from "sonner"

const shown = Promise.withResolvers<void>()
const first = new EventTarget()

/** @returns what stops listening for the first word. */
export function onFirstToast(listener: () => void): () => void {
  first.addEventListener("toast", listener)
  return () => first.removeEventListener("toast", listener)
}

/** Called when words can be shown. */
export const toastsAreShown = () => shown.resolve()

const say = (kind: "message" | "success" | "error") => (text: string, more?: ExternalToast) => {
  first.dispatchEvent(new Event("toast"))
  void Promise.all([import("sonner"), shown.promise]).then(([{ toast: shownToast }]) => shownToast[kind](text, more))
}

export const toast = Object.assign(say("message"), { success: say("success"), error: say("error") })
