import type { ComponentProps, ReactNode } from 'react';
import css from './pick.module.css';

interface ValueButtonProps extends ComponentProps<'button'> {
  /** What the value is: "Assign to". */
  label: string;
  icon: ReactNode;
  /** The value in words; empty when it is shown beside the button. */
  text: string;
}

/** A property of a conversation that says its value and opens the list to change it. */
export function ValueButton({ label, icon, text, className = '', ...rest }: ValueButtonProps) {
  const spoken = text === '' || text === label ? label : `${label}: ${text}`;
  return (
    <button
      type="button"
      className={`${css.trigger} ${className}`}
      title={label}
      aria-label={spoken}
      {...rest}
    >
      {icon}
      {text !== '' && <span>{text}</span>}
    </button>
  );
}
