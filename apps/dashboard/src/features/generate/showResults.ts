/** On a phone the images stand below the form: whoever has pressed the button wants to see them come. */
export function showResults(results: HTMLElement | null) {
  if (results === null || results.getBoundingClientRect().top < innerHeight / 2) return
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches
  results.scrollIntoView({ behavior: still ? "instant" : "smooth", block: "start" })
}
