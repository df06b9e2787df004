/** Access to the weights of one model component by module path, so that model code reads like the module tree it mirrors. */

import type { DataType, Graph, Shape, Tensor } from "@fjord/engine"

/**
 * What a component's weights files hold, by key: the shape and the type each tensor is stored in (by the name of
 * the engine or of safetensors).
 */
export type Catalogue = ReadonlyMap<string, { readonly shape: Shape; readonly dataType: string }>

/** The graph's type of a stored one; F64 is for the reader of the weights to convert. */
const graphTypes: Readonly<Record<string, DataType>> = {
  F64: "float32",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  float32: "float32",
  float16: "float16",
  bfloat16: "bfloat16",
}

/** A low-rank addition to a Linear or Conv2d: y += scale * B(A(x)) (LoRA, arXiv:2106.09685; parameter names as PEFT's). */
export interface Adapter {
  readonly rank: number
  /** alpha / rank times the user's weight; a string is the name of a scalar graph input that is fed at run time. */
  readonly scale: number | string
  /** Tells several adapters on one module apart: parameters are then `lora_A.<name>.weight` instead of `lora_A.weight`. */
  readonly name?: string
}

/** Adapters by the path of the module inside its component, such as `mid_block.attentions.0.proj_in`. */
export type Adapters = ReadonlyMap<string, readonly Adapter[]>

export interface ParamsOptions {
  /**
   * Put before every parameter, module and block name (`unet` makes `unet.conv_in.weight`), so that several components
   * can share one graph. Keys of the catalogue and of the adapters are without it.
   */
  readonly component?: string
  readonly adapters?: Adapters
}

type Declare = (key: string, shape: Shape) => void

export class Params {
  readonly graph: Graph
  /** Path of the module inside its component; empty at the root. */
  readonly path: string
  readonly #catalogue: Catalogue
  readonly #component: string
  readonly #adapters: Adapters
  readonly #declare: Declare | undefined

  constructor(graph: Graph, catalogue: Catalogue, options: ParamsOptions = {}, path = "", declare?: Declare) {
    this.graph = graph
    this.path = path
    this.#catalogue = catalogue
    this.#component = options.component ?? ""
    this.#adapters = options.adapters ?? new Map()
    this.#declare = declare
  }

  /** Params of a model that has no weights yet: each `get` adds its key and shape to `shapes`. */
  static declaring(graph: Graph, shapes: Map<string, Shape>): Params {
    return new Params(graph, new Map(), {}, "", (key, shape) => shapes.set(key, shape))
  }

  /** The same weights seen from a submodule: `params.at("resnets", 0)`. */
  at(...path: readonly (string | number)[]): Params {
    const options = { component: this.#component, adapters: this.#adapters }
    return new Params(this.graph, this.#catalogue, options, join(this.path, ...path), this.#declare)
  }

  /** The module's name in the graph: the component and the path. */
  get module(): string {
    return join(this.#component, this.path)
  }

  get adapters(): readonly Adapter[] {
    return this.#adapters.get(this.path) ?? []
  }

  has(name: string): boolean {
    return this.#catalogue.has(join(this.path, name))
  }

  /**
   * The weight `name` of this module as float32; weights stored in half precision are cast inside the graph.
   * `shape` is what the configuration asks for. Throws when the file lacks the key or holds another shape.
   */
  get(name: string, shape: Shape): Tensor {
    const key = join(this.path, name)
    const graphName = join(this.#component, key)
    if (this.#declare) {
      this.#declare(key, shape)
      return this.graph.parameter(graphName, shape)
    }
    const entry = this.#catalogue.get(key)
    if (!entry)
      throw new Error(
        `The weights lack ${graphName} of shape [${shape}]: are weights and configuration of the same model?`,
      )
    if (entry.shape.join() !== shape.join())
      throw new Error(
        `${graphName}: the configuration asks for shape [${shape}], but the file holds [${entry.shape}]: are weights and ` +
          "configuration of the same model?",
      )
    const dataType = graphTypes[entry.dataType]
    if (!dataType)
      throw new Error(`${graphName} is stored as ${entry.dataType}; weights must be F64, F32, F16 or BF16.`)
    return this.graph.cast(this.graph.parameter(graphName, shape, dataType), "float32")
  }

  /** One factor of an adapter of this module: always float32 and never in the catalogue of the base model. */
  getAdapter(factor: "lora_A" | "lora_B", adapter: Adapter, shape: Shape): Tensor {
    return this.graph.parameter(join(this.module, factor, adapter.name ?? "", "weight"), shape)
  }

  /** Records the module's output, see `Graph.name`. */
  name(output: Tensor): Tensor {
    return this.graph.name(this.module, output)
  }

  /** Makes this module one block of the training pipeline, see `Graph.block`. */
  block<T>(build: () => T): T {
    return this.graph.block(this.module, build)
  }
}

function join(...parts: readonly (string | number)[]): string {
  return parts.filter((part) => part !== "").join(".")
}
