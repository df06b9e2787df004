/**
 * Keeps the focus for who works by keys. A button that goes away with what it did, a row that is removed, a page that is
 * left: the browser then lets go of the focus, and nobody sees where the next key begins. It goes to what stands in that
 * place now, and on a new page to its title. Loaded with the first press of Tab.
 */

type Place = {
  element: HTMLElement
  /** From its parent outwards; `index` is its place among what can be focused in there. */
  around: readonly { element: Element; index: number }[]
}

const overlays = "[role=dialog], [role=alertdialog], [role=menu]"
/** Until whoever let go of the focus has placed it: a dialog that closes gives it back itself. */
const patienceMs = 120

const reachable = (within: Element): HTMLElement[] =>
  [...within.querySelectorAll<HTMLElement>("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter(
    (element) => element.closest("[aria-hidden=true]") === null && element.checkVisibility(),
  )

function placeOf(element: HTMLElement): Place {
  const around: { element: Element; index: number }[] = []
  for (let parent = element.parentElement; parent !== null && parent !== document.body; parent = parent.parentElement)
    around.push({ element: parent, index: reachable(parent).indexOf(element) })
  return { element, around }
}

/** @returns what takes the focus in place of what is gone; nothing while the page is still on its way. */
function successorOf({ element, around }: Place): HTMLElement | undefined {
  if (element.checkVisibility()) return element
  const content = document.getElementById("content")
  for (const { element: outer, index } of around) {
    if (!outer.checkVisibility()) continue
    if (content !== null && outer.contains(content)) break
    const left = reachable(outer)
    const next = left[Math.min(index, left.length - 1)]
    if (next !== undefined) return next
  }
  const title = content?.querySelector<HTMLElement>("h1") ?? undefined
  if (title !== undefined) title.tabIndex = -1
  return title
}

let keeping = false

export function keepFocus() {
  if (keeping) return
  keeping = true
  /** Where the focus was on the page, and within a dialog or menu over it. */
  let onPage: Place | undefined
  let over: Place | undefined
  let waiting = false
  const remember = (target: EventTarget | null) => {
    if (!(target instanceof HTMLElement) || target === document.body) return
    const place = placeOf(target)
    if (target.closest(overlays) === null) [onPage, over] = [place, undefined]
    else over = place
  }
  const mend = () => {
    waiting = false
    if (document.activeElement !== document.body) return
    const within = over?.around.some(({ element }) => element.matches(overlays) && element.isConnected) ? over : onPage
    // Let go of on purpose, as by Escape in a field: what had it is still there.
    if (within === undefined || (within === onPage && over === undefined && within.element.checkVisibility())) return
    const successor = successorOf(within)
    successor?.focus({ preventScroll: successor.matches("h1") })
  }
  document.addEventListener("focusin", ({ target }) => remember(target))
  new MutationObserver(() => {
    if (waiting || document.activeElement !== document.body) return
    waiting = true
    setTimeout(mend, patienceMs)
  }).observe(document.body, { childList: true, subtree: true })
  remember(document.activeElement)
}
