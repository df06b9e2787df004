/** SVG to pixels. */

import sharp from "sharp"

/** RGB of an SVG that is 100 units wide and high, at `size` × `size` pixels. */
export async function rasterise(svg: string, size: number): Promise<Uint8Array> {
  // @fjord/diffusion shuts every loader but those of photographs; the SVG is our own. Asked each time: it may come later.
  sharp.unblock({ operation: ["VipsForeignLoadSvgBuffer"] })
  // At 72 dots per inch a unit is a pixel.
  const { data } = await sharp(Buffer.from(svg), { density: 0.72 * size })
    .resize(size, size, { fit: "fill" })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
