/** Opens the palette and the help from anywhere, without a context around everything. */

const target = new EventTarget()

export type Overlay = "palette" | "help"

export const openPalette = () => target.dispatchEvent(new Event("palette"))
export const openHelp = () => target.dispatchEvent(new Event("help"))

/** @returns what stops listening. */
export function onOpen(overlay: Overlay, open: () => void): () => void {
  target.addEventListener(overlay, open)
  return () => target.removeEventListener(overlay, open)
}
