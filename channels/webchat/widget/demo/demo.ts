/** The demo shop: a page like any customer's, with the widget in it. */

type Language = 'en' | 'ro' | 'ru';
type Punte = { (...call: unknown[]): void; q?: unknown[][] };

const page = window as Window & { Punte?: Punte };
const queue: unknown[][] = [];
page.Punte ??= Object.assign((...call: unknown[]) => void queue.push(call), { q: queue });

const WORDS: Record<Language, Record<string, string>> = {
  en: {},
  ro: {
    tables: 'Mese',
    chairs: 'Scaune',
    delivery: 'Livrare',
    title: 'Mobilă de stejar, făcută la comandă',
    lead: 'Mese și scaune din atelierul nostru din Chișinău, de treizeci de ani.',
    ask: 'Întrebați-ne orice',
    about: 'Aceasta este o pagină demonstrativă',
    about_text:
      'Scrieți în colțul de jos: mesajul ajunge imediat în inboxul acestui hub. Răspundeți acolo, și răspunsul apare aici.',
    inbox: 'Deschide inboxul',
  },
  ru: {
    tables: 'Столы',
    chairs: 'Стулья',
    delivery: 'Доставка',
    title: 'Дубовая мебель на заказ',
    lead: 'Столы и стулья из нашей мастерской в Кишинёве, уже тридцать лет.',
    ask: 'Спросите нас',
    about: 'Это демонстрационная страница',
    about_text:
      'Напишите в углу внизу: сообщение сразу придёт во входящие этого хаба. Ответьте там, и ответ появится здесь.',
    inbox: 'Открыть входящие',
  },
};

const GOODS: Record<Language, readonly [string, string][]> = {
  en: [
    ['Table “Codru”', '12,400 lei'],
    ['Chair “Nistru”', '2,150 lei'],
    ['Bench “Orhei”', '4,900 lei'],
  ],
  ro: [
    ['Masă „Codru”', '12.400 lei'],
    ['Scaun „Nistru”', '2.150 lei'],
    ['Bancă „Orhei”', '4.900 lei'],
  ],
  ru: [
    ['Стол «Кодру»', '12 400 леев'],
    ['Стул «Нистру»', '2 150 леев'],
    ['Скамья «Орхей»', '4 900 леев'],
  ],
};

const words = [...document.querySelectorAll<HTMLElement>('[data-t]')].filter(
  (each) => !each.firstElementChild,
);
for (const each of words) WORDS.en[each.dataset.t!] = each.textContent;

function speak(language: Language): void {
  document.documentElement.lang = language;
  for (const each of words) {
    each.textContent = WORDS[language][each.dataset.t!] ?? WORDS.en[each.dataset.t!]!;
  }
  document.getElementById('goods')!.replaceChildren(
    ...GOODS[language].map(([name, price], n) => {
      const item = document.createElement('li');
      const title = document.createElement('strong');
      const cost = document.createElement('span');
      title.textContent = name;
      cost.textContent = price;
      item.className = `good good-${n}`;
      item.append(title, cost);
      return item;
    }),
  );
  for (const each of document.querySelectorAll<HTMLElement>('[data-lang]')) {
    each.setAttribute('aria-pressed', String(each.dataset.lang === language));
  }
}

/** The language of the address, else of the browser, else English. */
function chosen(): Language {
  const wanted = new URLSearchParams(location.search).get('lang') ?? navigator.language;
  return (['ro', 'ru'] as const).find((each) => wanted.startsWith(each)) ?? 'en';
}

for (const each of document.querySelectorAll<HTMLElement>('button[data-lang]')) {
  // The widget takes the page's language when it starts: so the page starts anew.
  each.onclick = () => location.assign(`?lang=${each.dataset.lang}${location.hash}`);
}
document.querySelector<HTMLElement>('[data-do=open]')!.onclick = () => page.Punte!('open');

speak(chosen());

// Other pages have the script in their head; here it has to wait for the page's language.
const script = document.createElement('script');
script.src = '/w/loader.js';
script.dataset.key = document.body.dataset.key;
document.head.append(script);
