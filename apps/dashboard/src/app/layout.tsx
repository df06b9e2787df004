import type { Metadata, Viewport } from "next"
import type { ReactNode } from "react"
import { Providers } from "../features/shell/Providers.tsx"
import "./globals.css"

export const metadata: Metadata = {
  title: { default: "Fjord", template: "%s · Fjord" },
  description: "Teach Stable Diffusion your subject with a handful of pictures, and make images with it.",
}

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f6f9fa" },
    { media: "(prefers-color-scheme: dark)", color: "#0d1418" },
  ],
}

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <body className="min-h-dvh antialiased">
        <Providers>{children}</Providers>
      </body>
    </html>
  )
}
