/** The Hugging Face Hub: data sets and models, in and out. */

export { type Account, createRepository, whoAmI } from "./account.ts"
export { type HubConnection, hubConnection } from "./connection.ts"
export { HubError, type HubErrorCode } from "./hubError.ts"
export { copyModel, type PulledModel, pullModel } from "./model/pullModel.ts"
export { isRepositoryId } from "./repositoryName.ts"
export { pushFiles, pushFolder } from "./transfer/push.ts"
export type { TransferEvent } from "./transfer/transferEvent.ts"
