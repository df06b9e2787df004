"use client"

/** A dialog over the page. Its code is loaded when the first one is opened: no page needs it before. */

import dynamic from "next/dynamic"
import { useState } from "react"
import type { ModalProps } from "./ModalDialog.tsx"

const ModalDialog = dynamic(() => import("./ModalDialog.tsx").then((module) => module.ModalDialog), { ssr: false })

export function Modal(props: ModalProps) {
  const [wanted, setWanted] = useState(props.open)
  if (props.open && !wanted) setWanted(true)
  return wanted ? <ModalDialog {...props} /> : null
}
