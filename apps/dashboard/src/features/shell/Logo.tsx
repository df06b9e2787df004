/** Two peaks over water. */
export function Logo({ className = "size-8" }: { className?: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" className={className}>
      <rect width="32" height="32" rx="9" className="fill-accent" />
      <path d="M5 20 12 9l4 6 3-4.500L27 20Z" className="fill-accent-foreground" />
      <path
        d="M5 24c2.500-1.700 5-1.700 7.500 0s5 1.700 7.500 0 4.600-1.700 7 0"
        fill="none"
        strokeWidth="1.800"
        strokeLinecap="round"
        className="stroke-accent-foreground/70"
      />
    </svg>
  )
}
