/** The style of all pages. Its hash stands in the Content-Security-Policy, so it goes out as it is here. */

/** Text reaches a contrast of 4.5 on its ground, edges of fields and the focus ring 3, in both schemes. */
const COLOURS = `:root{color-scheme:light dark;
--ground:#f4f5f9;--card:#fff;--text:#141b29;--soft:#515c6e;--line:#e2e6ee;--edge:#768294;
--accent:#1f52b0;--accent-hover:#163f8c;--on-accent:#fff;--bad:#b02318;--on-bad:#fff;--tint:#edf2fc;
--stage:#e8ebf2;--good:#13693a;--shadow:0 1px 2px #141b2914,0 8px 24px -12px #141b2926;--radius:.875rem}
@media (prefers-color-scheme:dark){:root{
--ground:#0f131a;--card:#181e28;--text:#e8ecf3;--soft:#a3aebf;--line:#2d3644;--edge:#8490a1;
--accent:#8fb7ff;--accent-hover:#b3ceff;--on-accent:#0c1b36;--bad:#ff9a90;--on-bad:#3a0904;--tint:#212c3e;
--stage:#0a0d12;--good:#7fd6a3;--shadow:none}}`

const LAYOUT = `*{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;background:var(--ground);color:var(--text);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;-webkit-text-size-adjust:100%}
header.site,footer,main{width:100%;max-width:72rem;margin:0 auto;padding:0 1.5rem}
header.site{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:0 1rem;padding-top:.75rem;padding-bottom:.75rem}
header.site a{display:inline-flex;align-items:center;gap:.5rem;min-height:2.75rem;color:var(--text);font-weight:600;text-decoration:none;overflow-wrap:anywhere}
header.site nav{display:flex;flex-wrap:wrap;gap:0 1.25rem}
header.site nav a{color:var(--soft);font-weight:500}
header.site a:hover span{text-decoration:underline}
.mark{color:var(--accent)}svg{flex:none}
main>*,.card{background:var(--card);border:1px solid var(--line);border-radius:var(--radius);box-shadow:var(--shadow)}
main{display:grid;gap:1rem;grid-template-columns:minmax(0,1fr);align-content:start}
main.narrow{max-width:47rem}
main>*{padding:1.5rem}
main>.plain{background:none;border:0;box-shadow:none;padding:0 .25rem}
main section>:last-child,main>div>:last-child{margin-bottom:0}
.title{display:grid;grid-template-columns:auto minmax(0,1fr) auto;gap:.25rem 1rem;align-items:center}
.title h1{margin:0}.title p{margin:.125rem 0 0}
.title .actions{margin:0}
body>.notice{width:calc(100% - 3rem);max-width:69rem;margin:0 auto 1rem;padding:.625rem 1rem;border-radius:.375rem;background:var(--tint)}
@media (max-width:46rem){body>.notice{width:100%;margin-bottom:.5rem;border-radius:0}}
.hero nav.row{justify-content:center}
footer{margin-top:auto;padding-top:1.5rem;padding-bottom:1.5rem;font-size:.9375rem}
footer a{display:inline-block;padding:.5rem 1.25rem .5rem 0;color:var(--soft)}
@media (max-width:46rem){header.site,footer{padding-left:1rem;padding-right:1rem}main{padding:0;gap:.5rem}
main>*{border-radius:0;border-width:1px 0;padding:1.125rem 1rem;box-shadow:none}main>.plain{padding:0 1rem}
.title{grid-template-columns:auto minmax(0,1fr)}.title .actions{grid-column:1/-1;margin-top:.75rem}.title .actions .button{flex:1;text-align:center}}`

const TEXT = `h1{font-size:1.5rem;line-height:1.25;letter-spacing:-.01em;margin:0 0 .75rem;overflow-wrap:anywhere}
h2{font-size:1.0625rem;line-height:1.3;margin:1.75rem 0 .75rem}
section>h2:first-child,main>h2:first-child{margin-top:0}
p{margin:.75rem 0;overflow-wrap:anywhere}
a{color:var(--accent)}a:hover{color:var(--accent-hover)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:.25rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--tint);border-radius:.5rem;padding:.75rem 1rem;margin:1rem 0}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875em}
.soft{color:var(--soft)}
.out{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[role=alert]{border-left:.25rem solid var(--bad);padding-left:.75rem}
[role=status]{border-left:.25rem solid var(--accent);padding-left:.75rem}`

const FORMS = `label{display:block;margin:1rem 0 .375rem;font-weight:600}
section>form:first-child>label:first-child{margin-top:0}
input,select,textarea{font:inherit;color:inherit;background:var(--card);width:100%;min-height:2.75rem;padding:.5rem .75rem;border:1px solid var(--edge);border-radius:.5rem}
input[type=radio],input[type=checkbox]{width:auto;min-height:0}
button,.button{font:inherit;font-weight:600;display:inline-block;min-height:2.75rem;padding:.625rem 1.5rem;border:1px solid transparent;border-radius:.5rem;
background:var(--accent);color:var(--on-accent);text-decoration:none;cursor:pointer;line-height:1.375}
button:hover,.button:hover{background:var(--accent-hover);color:var(--on-accent)}
.button.quiet,button.quiet{background:var(--card);color:var(--text);border-color:var(--edge);padding-left:1rem;padding-right:1rem}
.button.quiet:hover,button.quiet:hover{background:var(--tint);color:var(--text)}
fieldset{border:0;margin:0;padding:0}
.choice{display:flex;gap:.75rem;align-items:center;margin:0;padding:.5rem 0;font-weight:400;min-height:2.75rem}.choice input{flex:none;width:1.125rem;height:1.125rem;margin:0;accent-color:var(--accent)}
form>button{margin-top:1.25rem}
button.danger,button.danger:hover{background:var(--bad);color:var(--on-bad)}
.actions{display:flex;flex-wrap:wrap;align-items:center;gap:.75rem 1rem;margin:1.5rem 0}
.actions>*{margin:0}
.search{display:flex;gap:.5rem}.search button{margin:0;flex:none}.search input{min-width:0}
@media (max-width:26rem){button,.button{padding-left:1.125rem;padding-right:1.125rem}}`

const LISTS = `dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.5rem 1.5rem;margin:0}
dt{color:var(--soft)}dd{margin:0;min-width:0;overflow-wrap:anywhere}
@media (max-width:26rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.625rem}}
.kind{display:grid;place-items:center;width:3rem;height:3rem;border-radius:.75rem;background:var(--tint);color:var(--accent)}
ul.entries{list-style:none;margin:0;padding:0}
.entries li{position:relative;display:grid;grid-template-columns:3rem minmax(0,1fr);column-gap:.875rem;padding:.5rem;border-radius:.625rem}
.entries li+li{margin-top:.125rem}
.entries li:hover{background:var(--tint)}
.entries .kind{grid-column:1;grid-row:1/3;align-self:center;overflow:hidden}
.entries .kind img{width:100%;height:100%;object-fit:cover;display:block}
.entries a{grid-column:2;align-self:end;overflow-wrap:anywhere;font-weight:500;color:var(--text);text-decoration:none}
.entries a::after{content:"";position:absolute;inset:0;border-radius:inherit}
.entries a:hover{text-decoration:underline}
.entries a:focus-visible{outline:0}.entries li:has(a:focus-visible){outline:3px solid var(--accent);outline-offset:-1px}
.entries a+span{grid-column:2;color:var(--soft);font-size:.875rem}
table{border-collapse:collapse;width:100%}
th,td{padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
th:first-child{text-align:left}thead th{color:var(--soft);font-weight:400}
tbody th{font-weight:400}tfoot th,tfoot td{border:0;font-weight:600}
.wide{overflow-x:auto;margin:.5rem 0 0}
.chart{margin:0 0 1rem}.chart svg{display:block;width:100%;height:auto;min-width:0}
.chart path{stroke:var(--line)}.chart text{fill:var(--soft);font-size:12px}.begun{fill:var(--edge);background:var(--edge)}.done{fill:var(--accent);background:var(--accent)}
.key{display:inline-block;width:.75rem;height:.75rem;border-radius:.1875rem;margin-left:1rem}.key:first-child{margin-left:0}
@media (max-width:40rem){.chart text{font-size:21px}}
.refusal{text-align:center;padding:2.5rem 1.5rem}.refusal .kind{margin:0 auto 1rem}.refusal nav.row{justify-content:center}
.refusal form{text-align:left;max-width:24rem;margin:0 auto}.refusal [role]{text-align:left}
nav.row{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:center;margin-top:1.25rem;padding-top:1rem;border-top:1px solid var(--line)}
nav.row:first-child{margin:0;padding:0;border:0}
nav.row a{padding:.375rem 0}`

export const STYLE = [COLOURS, LAYOUT, TEXT, FORMS, LISTS].join('\n')
