/** The bridge. Decorative beside the product's name; labelled when it stands alone. */
export function Logo({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="8" fill="var(--logo)" />
      <path
        d="M5 21h22M8 21v-3a8 8 0 0 1 16 0v3M16 10v11M11.5 12v9M20.5 12v9"
        fill="none"
        stroke="var(--on-accent)"
        strokeWidth="2"
        strokeLinecap="round"
      />
    </svg>
  );
}
