/** Style of the page: readable on a telephone in the sun, and in the dark. */
export const PAGE_STYLE: string = `
:root { color-scheme: light dark; --line: #8884; --good: #17692f; --bad: #a3260d; }
@media (prefers-color-scheme: dark) { :root { --good: #6fd08a; --bad: #ff9077; } }
* { box-sizing: border-box; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1.5rem; border-bottom: 1px solid var(--line); }
h1 { font-size: 1.5rem; margin: 0.3rem 0; }
h2 { font-size: 1.1rem; margin: 0 0 0.2rem; }
.good { color: var(--good); font-weight: 600; margin: 0.3rem 0; }
.bad { color: var(--bad); font-weight: 600; margin: 0.3rem 0; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1rem; margin: 1rem 0; align-items: start; }
section { border: 1px solid var(--line); border-radius: 8px; padding: 0.8rem 1rem; min-width: 0; }
section > p { margin: 0 0 0.5rem; opacity: 0.75; font-size: 0.9rem; }
.faults { grid-column: 1 / -1; border-color: var(--bad); }
.faults ul { margin: 0; padding-left: 1.2rem; }
table { border-collapse: collapse; width: 100%; }
th { font-weight: 400; text-align: left; padding: 0.15rem 0.8rem 0.15rem 0; vertical-align: top; }
td { padding: 0.15rem 0; overflow-wrap: anywhere; }
.values td:nth-child(2) { text-align: right; font-variant-numeric: tabular-nums; font-weight: 600; width: 40%; }
.values td:nth-child(3) { padding-left: 0.4rem; width: 4rem; opacity: 0.75; }
td.none { font-weight: 400 !important; opacity: 0.6; }
tr + tr > * { border-top: 1px solid var(--line); }
footer { font-size: 0.85rem; opacity: 0.75; }
code { overflow-wrap: anywhere; }
`.trim()
