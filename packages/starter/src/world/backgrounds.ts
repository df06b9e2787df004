/** The backgrounds, drawn in units of 1/100 of the picture's side. */

import type { Background, Time } from "./vocabulary.ts"

const base: Record<Background, readonly [string, string]> = {
  fjord: ["#9fd3f0", "#3f6f8f"],
  beach: ["#8fd6f7", "#f0dca0"],
  forest: ["#bfe3c0", "#2f6b3c"],
  meadow: ["#a6dcfa", "#7cc45a"],
  city: ["#b8cfe0", "#6b6f7a"],
  snow: ["#cfe6f5", "#fafdff"],
  desert: ["#f7dfb0", "#e0a85a"],
  room: ["#f0d8c0", "#a9764a"],
  underwater: ["#3fb0d8", "#0f4f80"],
  moon: ["#0b0d1f", "#b9bac4"],
  volcano: ["#f0b090", "#4a3a3a"],
  castle: ["#c9d8f5", "#88b060"],
}

export function backgroundSvg(background: Background, time: Time, _seed: number): string {
  const [sky, ground] = base[background]
  const tint = { day: "none", night: "#0b1440", sunset: "#ff7a3a", rain: "#5b6775" }[time]
  const veil = time === "day" ? "" : `<rect width="100" height="100" fill="${tint}" opacity="0.5"/>`
  return `<rect width="100" height="60" fill="${sky}"/><rect y="60" width="100" height="40" fill="${ground}"/>${veil}`
}

/** What lies over everything: rain, mist. */
export function overlaySvg(_background: Background, _time: Time, _seed: number): string {
  return ""
}
