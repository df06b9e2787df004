"use client"

import { useQuery } from "@apollo/client/react"
import { SettingsDocument, type SettingsQuery } from "../../graphql/generated/graphql.ts"
import { Page } from "../../ui/Page.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { Account } from "./Account.tsx"
import { ApiTokens } from "./ApiTokens.tsx"
import { Appearance } from "./Appearance.tsx"
import { Backups } from "./Backups.tsx"
import { BaseModels } from "./BaseModels.tsx"
import { Hub } from "./Hub.tsx"
import { StorageUse } from "./StorageUse.tsx"
import { Webhooks } from "./Webhooks.tsx"
import { Workers } from "./Workers.tsx"

export type SettingsData = SettingsQuery

export function SettingsPage() {
  const { team, role, version, ownsStudio } = useSession()
  const query = useQuery(SettingsDocument, { variables: { teamId: team.id }, fetchPolicy: "cache-and-network" })
  return (
    <Page title="Settings" hint={`Fjord ${version}`}>
      <QueryState query={query}>
        {(data) => (
          // Two columns of their own, so that a long panel leaves no hole beside it.
          <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-2">
            <div className="flex min-w-0 flex-col gap-5">
              <Workers workers={data.workers} />
              <BaseModels models={data.baseModels.edges.map(({ node }) => node)} />
              <ApiTokens tokens={data.team?.apiTokens.edges.map(({ node }) => node) ?? []} />
              {role === "OWNER" && <Webhooks />}
            </div>
            <div className="flex min-w-0 flex-col gap-5">
              <StorageUse storage={data.storage} />
              <Hub signIn={data.setup.hubSignIn} />
              <Account />
              {ownsStudio && <Backups />}
              <Appearance />
            </div>
          </div>
        )}
      </QueryState>
    </Page>
  )
}
