/** A sheet of SVG: collects gradients and patterns, and says simple shapes shortly. */

export type Stop = readonly [offset: number, colour: string, opacity?: number]
export type Point = readonly [x: number, y: number]

export class Canvas {
  readonly #definitions: string[] = []

  /** Everything that was defined, as one element. */
  get definitions(): string {
    return `<defs>${this.#definitions.join("")}</defs>`
  }

  /** A gradient from top to bottom of the shape it fills; the result is the value of a fill. */
  vertical(stops: readonly Stop[]): string {
    return this.#define((id) => `<linearGradient id="${id}" x2="0" y2="1">${stopsSvg(stops)}</linearGradient>`)
  }

  horizontal(stops: readonly Stop[]): string {
    return this.#define((id) => `<linearGradient id="${id}">${stopsSvg(stops)}</linearGradient>`)
  }

  /** From the top left to the bottom right. */
  slanted(stops: readonly Stop[]): string {
    return this.#define((id) => `<linearGradient id="${id}" x2="0.7" y2="1">${stopsSvg(stops)}</linearGradient>`)
  }

  radial(stops: readonly Stop[], centre: Point = [0.5, 0.5]): string {
    return this.#define(
      (id) =>
        `<radialGradient id="${id}" cx="${centre[0]}" cy="${centre[1]}" r="0.5">${stopsSvg(stops)}</radialGradient>`,
    )
  }

  /** A tile that repeats, in the units of the shape it fills. */
  pattern(width: number, height: number, tile: string, transform = ""): string {
    return this.#define(
      (id) =>
        `<pattern id="${id}" width="${width}" height="${height}" patternUnits="userSpaceOnUse" patternTransform="${transform}">${tile}</pattern>`,
    )
  }

  #define(svg: (id: string) => string): string {
    const id = `d${this.#definitions.length}`
    this.#definitions.push(svg(id))
    return `url(#${id})`
  }
}

export const rectangle = (x: number, y: number, width: number, height: number, fill: string, more = "") =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}" ${more}/>`

export const circle = (x: number, y: number, radius: number, fill: string, more = "") =>
  `<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}" fill="${fill}" ${more}/>`

export const ellipse = (x: number, y: number, rx: number, ry: number, fill: string, more = "") =>
  `<ellipse cx="${round(x)}" cy="${round(y)}" rx="${round(rx)}" ry="${round(ry)}" fill="${fill}" ${more}/>`

/** Many ellipses of one colour as one element, which is several times quicker to draw than as many. */
export function spots(
  list: readonly { readonly x: number; readonly y: number; readonly rx: number; readonly ry?: number }[],
  fill: string,
  more = "",
): string {
  const d = list.map(({ x, y, rx, ry = rx }) => {
    const [a, b, wide] = [round(rx), round(ry), round(2 * rx)]
    return `M${round(x - rx)} ${round(y)}a${a} ${b} 0 1 0 ${wide} 0a${a} ${b} 0 1 0 ${-wide} 0`
  })
  return path(d.join(""), fill, more)
}

/** Many polygons of one colour as one element. */
export function polygons(list: readonly (readonly Point[])[], fill: string, more = ""): string {
  return path(
    list.map((points) => `M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join("L")}Z`).join(""),
    fill,
    more,
  )
}

/** Many upright rectangles of one colour as one element. */
export function rectangles(
  list: readonly (readonly [x: number, y: number, width: number, height: number])[],
  fill: string,
) {
  return path(
    list
      .map(([x, y, width, height]) => `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}Z`)
      .join(""),
    fill,
  )
}

export const path = (d: string, fill: string, more = "") => `<path d="${d}" fill="${fill}" ${more}/>`

export const line = (d: string, stroke: string, width: number, more = "") =>
  `<path d="${d}" fill="none" stroke="${stroke}" stroke-width="${round(width)}" stroke-linecap="round" stroke-linejoin="round" ${more}/>`

export const group = (transform: string, content: string, more = "") =>
  `<g transform="${transform}" ${more}>${content}</g>`

/** Straight lines through the points, closed. */
export function polygon(points: readonly Point[], fill: string, more = ""): string {
  return path(`M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join("L")}Z`, fill, more)
}

/** The land below a soft curve through the points: quadratic curves through the middles, closed at y = 101. */
export function land(points: readonly Point[], fill: string, more = ""): string {
  const [first, ...rest] = points
  if (first === undefined) return ""
  let d = `M${round(first[0])} 101L${round(first[0])} ${round(first[1])}`
  let last = first
  for (const point of rest) {
    d += `Q${round(last[0])} ${round(last[1])} ${round((last[0] + point[0]) / 2)} ${round((last[1] + point[1]) / 2)}`
    last = point
  }
  return path(`${d}L${round(last[0])} ${round(last[1])}L${round(last[0])} 101Z`, fill, more)
}

/** Two decimals are a hundredth of a hundredth of the picture: shorter text, the same picture. */
export function round(value: number): number {
  return Math.round(value * 100) / 100
}

function stopsSvg(stops: readonly Stop[]): string {
  return stops
    .map(
      ([offset, colour, opacity = 1]) => `<stop offset="${offset}" stop-color="${colour}" stop-opacity="${opacity}"/>`,
    )
    .join("")
}
