/** The base model against scenes it has never seen: does it draw what the words say, and how real does it look? */

import { answer, type Judge, type Judgement, type RgbPicture } from "../judges/judge.ts"
import { answersOf } from "../judges/lessons.ts"
import { type Head, heads } from "../judges/network.ts"
import { mean } from "../judges/validate.ts"
import type { SceneDescription } from "../world/description.ts"
import { drawScene, sceneFromSeed } from "../world/scene.ts"
import { kernelDistance } from "./measures.ts"
import type { Renderer } from "./renderer.ts"

export type BaseReport = {
  readonly pictures: number
  /** Share of pictures that show what the prompt says, by head. */
  readonly model: Readonly<Record<Head, number>>
  /** The same for the renderings the prompts describe: as good as the judge can tell. */
  readonly renderings: Readonly<Record<Head, number>>
  /** Kernel distance of the model's pictures from renderings of the same prompts, and of these from others of the same. */
  readonly distance: number
  readonly distanceOfRenderings: number
}

/** Held-out scenes of one object from `first` on: the judge has learnt from none of them. */
export function heldoutScenes(first: number, count: number): SceneDescription[] {
  const scenes: SceneDescription[] = []
  for (let seed = first; scenes.length < count; seed++) {
    const scene = sceneFromSeed(seed, "heldout")
    if (scene.objects.length === 1) scenes.push(scene)
  }
  return scenes
}

export async function evaluateBase(
  render: Renderer,
  judge: Judge,
  count: number,
  show: (name: string, pictures: readonly RgbPicture[]) => Promise<void>,
): Promise<BaseReport> {
  const scenes = heldoutScenes(50_000, count)
  const generated = await render(scenes.map(({ captions: [prompt = ""] }, i) => ({ prompt, seed: i })))
  await show("base", generated)
  const side = generated[0]?.width ?? 128
  const judged = await judge.judge(generated)
  const drawn = await judge.judge(await renderings(scenes, side))
  // The same words with other clouds, mountains and windows.
  const again = scenes.map((scene) => ({ ...scene, seed: scene.seed + 1 }))
  const drawnAgain = await judge.judge(await renderings(again, side))
  return {
    pictures: count,
    model: fidelity(scenes, judged),
    renderings: fidelity(scenes, drawn),
    distance: kernelDistance(judged, drawn),
    distanceOfRenderings: kernelDistance(drawnAgain, drawn),
  }
}

async function renderings(scenes: readonly SceneDescription[], side: number): Promise<RgbPicture[]> {
  const pictures: RgbPicture[] = []
  for (const scene of scenes) pictures.push({ rgb: (await drawScene(scene, side)).pixels, width: side, height: side })
  return pictures
}

function fidelity(scenes: readonly SceneDescription[], judgements: readonly Judgement[]) {
  const share = (head: Head) =>
    mean(
      scenes.flatMap((scene, i) => {
        const answers: Partial<Record<Head, readonly number[]>> = answersOf(scene)
        const [judgement, right] = [judgements[i], answers[head]]
        if (!judgement || !right) return []
        const names: readonly string[] = heads[head]
        return [right.includes(names.indexOf(answer(judgement, head))) ? 1 : 0]
      }),
    )
  return {
    background: share("background"),
    time: share("time"),
    class: share("class"),
    colour: share("colour"),
    pattern: share("pattern"),
  }
}
