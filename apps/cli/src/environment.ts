/** The only reader of environment variables in the command line. */

/** FJORD_DEBUG=1 prints the stack of an error beside its sentence. */
export const debug = (process.env.FJORD_DEBUG ?? "") !== ""

/** HF_TOKEN, HF_ENDPOINT, HF_HOME and the other variables by which the Hub's tools are told where and who. */
export const hubEnvironment: Readonly<Record<string, string | undefined>> = process.env

/** How the person called this program, for what a sentence tells them to type next. */
export const commandName = process.env.npm_lifecycle_event === "fjord" ? "npm run fjord --" : "fjord"
