"use client"

import { useQuery } from "@apollo/client/react"
import { SettingsDocument, type SettingsQuery } from "../../graphql/generated/graphql.ts"
import { Page } from "../../ui/Page.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { ApiTokens } from "./ApiTokens.tsx"
import { Appearance } from "./Appearance.tsx"
import { BaseModels } from "./BaseModels.tsx"
import { Hub } from "./Hub.tsx"
import { StorageUse } from "./StorageUse.tsx"
import { Workers } from "./Workers.tsx"

export type SettingsData = SettingsQuery

export function SettingsPage() {
  const { team, version } = useSession()
  const query = useQuery(SettingsDocument, { variables: { teamId: team.id }, fetchPolicy: "cache-and-network" })
  return (
    <Page title="Settings" hint={`Fjord ${version}`}>
      <QueryState query={query}>
        {(data) => (
          <div className="grid items-start gap-5 lg:grid-cols-2">
            <Workers workers={data.workers} />
            <StorageUse storage={data.storage} />
            <BaseModels models={data.baseModels.edges.map(({ node }) => node)} />
            <Hub signIn={data.setup.hubSignIn} />
            <ApiTokens tokens={data.team?.apiTokens.edges.map(({ node }) => node) ?? []} />
            <Appearance />
          </div>
        )}
      </QueryState>
    </Page>
  )
}
