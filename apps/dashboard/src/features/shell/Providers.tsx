"use client"

import { ApolloProvider } from "@apollo/client/react"
import { ThemeProvider } from "next-themes"
import { type ReactNode, useState } from "react"
import { makeClient } from "../../graphql/client.ts"
import { Toasts } from "./Toasts.tsx"

export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(makeClient)
  return (
    <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange>
      <ApolloProvider client={client}>
        {children}
        <Toasts />
      </ApolloProvider>
    </ThemeProvider>
  )
}
