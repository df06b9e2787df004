export function Spinner({ label }: { label?: string }) {
  return (
    <span role={label === undefined ? undefined : "status"} className="inline-flex items-center gap-2">
      <svg aria-hidden="true" viewBox="0 0 16 16" className="size-4 animate-spin" data-slot="spinner">
        <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" strokeOpacity="0.25" strokeWidth="2" />
        <path
          d="M14.500 8A6.500 6.500 0 0 0 8 1.500"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeLinecap="round"
        />
      </svg>
      {label}
    </span>
  )
}
