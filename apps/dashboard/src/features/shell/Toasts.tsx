"use client"

import dynamic from "next/dynamic"
import { useEffect, useState } from "react"
import { onFirstToast } from "../../ui/toast.ts"

const Toaster = dynamic(() => import("./Toaster.tsx").then((module) => module.Toaster), { ssr: false })

export function Toasts() {
  const [wanted, setWanted] = useState(false)
  useEffect(() => onFirstToast(() => setWanted(true)), [])
  return wanted ? <Toaster /> : null
}
