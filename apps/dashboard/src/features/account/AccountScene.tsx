/** The quiet picture beside the account forms: mountains over water, drawn, so that nothing has to load. */

import type { ReactNode } from "react"
import { Logo } from "../shell/Logo.tsx"

export function AccountScene({ children }: { children: ReactNode }) {
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)]">
      <main className="flex flex-col px-6 py-8 sm:px-12">
        <p className="flex items-center gap-2.5 font-semibold text-lg tracking-tight">
          <Logo /> Fjord
        </p>
        <div className="mx-auto flex w-full max-w-sm flex-1 flex-col justify-center py-10">{children}</div>
      </main>
      <div aria-hidden="true" className="relative hidden overflow-hidden bg-[#0f2f3a] lg:block">
        <svg
          aria-hidden="true"
          viewBox="0 0 800 900"
          preserveAspectRatio="xMidYMid slice"
          className="absolute inset-0 size-full"
        >
          <defs>
            <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
              <stop offset="0" stopColor="#1c4a5a" />
              <stop offset="0.55" stopColor="#7fb3b8" />
              <stop offset="1" stopColor="#f3d9b1" />
            </linearGradient>
            <linearGradient id="water" x1="0" y1="0" x2="0" y2="1">
              <stop offset="0" stopColor="#5d9aa3" />
              <stop offset="1" stopColor="#0e3442" />
            </linearGradient>
          </defs>
          <rect width="800" height="560" fill="url(#sky)" />
          <circle cx="540" cy="400" r="46" fill="#fbe9c9" />
          <path d="M0 420 130 270l80 90 110-150 140 200 90-90 120 130 130-110v220H0Z" fill="#5b8a95" opacity="0.75" />
          <path d="M0 500 100 380l90 80 150-210 120 190 70-60 120 130 150-190v240H0Z" fill="#2f6371" />
          <path d="M0 560V440l120 90 60-40 130 70Zm800 0V400L640 520l-60-30-120 70Z" fill="#17424f" />
          <rect y="556" width="800" height="344" fill="url(#water)" />
          <g stroke="#fbe9c9" strokeLinecap="round" strokeWidth="3" opacity="0.5">
            <path d="M500 590h80M480 620h110M520 650h60M470 690h90M510 730h50" />
          </g>
          <path d="M190 700c50 26 130 26 180 0l-14 34c-40 16-112 16-152 0Z" fill="#0b2833" />
          <path d="M280 698v-92l58 78Z" fill="#f6efe2" />
          <path d="M276 698v-70l-40 56Z" fill="#d8cbb4" />
        </svg>
        <p className="absolute right-12 bottom-12 left-12 text-balance font-medium text-2xl text-white/95 leading-9">
          Five pictures of what you love. A few minutes. Then put it anywhere you can describe.
        </p>
      </div>
    </div>
  )
}
