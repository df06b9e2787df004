/** The starter world and the model that was trained on it. */

export { type DemoOptions, demo } from "./demo.ts"
