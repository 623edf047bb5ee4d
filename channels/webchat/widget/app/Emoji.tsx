import { t } from './texts.ts';

const EMOJI =
  '😀 😊 😂 😍 😉 😎 🤔 😮 😢 😡 👍 👎 👋 🙏 👏 💪 🎉 ❤️ 🔥 ⭐ ✅ ❌ ❓ 📷 📎 📅 📞 🚚 🛒 🎁'.split(
    ' ',
  );

/** The few emoji that a talk with a shop needs; a keyboard has the others. */
export function Emoji({ onPick }: { onPick: (emoji: string) => void }) {
  return (
    <div class="emoji" role="group" aria-label={t('emoji')}>
      {EMOJI.map((emoji) => (
        <button type="button" onClick={() => onPick(emoji)}>
          {emoji}
        </button>
      ))}
    </div>
  );
}
