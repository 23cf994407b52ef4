/** The style of all pages. Its hash stands in the Content-Security-Policy, so it goes out as it is here. */

/** Text reaches a contrast of 4.5 on its ground, edges of fields and the focus ring 3, in both schemes. */
const COLOURS = `:root{color-scheme:light dark;
--ground:#f3f4f7;--card:#fff;--text:#1a2230;--soft:#556070;--line:#dde1e8;--edge:#768294;
--accent:#1f52b0;--accent-hover:#163f8c;--on-accent:#fff;--bad:#b02318;--on-bad:#fff;--tint:#eef3fc}
@media (prefers-color-scheme:dark){:root{
--ground:#11151b;--card:#1a2029;--text:#e8ecf2;--soft:#a5b0bf;--line:#323b48;--edge:#8490a1;
--accent:#8fb7ff;--accent-hover:#b3ceff;--on-accent:#0c1b36;--bad:#ff9a90;--on-bad:#3a0904;--tint:#222c3c}}`

const LAYOUT = `*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;background:var(--ground);color:var(--text);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;-webkit-text-size-adjust:100%}
header,footer,main{width:100%;max-width:44rem;margin:0 auto;padding:0 2rem}
header{padding-top:1rem;padding-bottom:.5rem}
header a{display:inline-flex;align-items:center;gap:.5rem;min-height:2.75rem;color:var(--text);font-weight:600;text-decoration:none;overflow-wrap:anywhere}
header a:hover span{text-decoration:underline}
header svg{color:var(--accent);flex:none}
main{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.75rem 2rem 2rem}
main>:last-child{margin-bottom:0}
footer{margin-top:auto;padding-top:1.25rem;padding-bottom:1.5rem;font-size:.9375rem}
footer a{display:inline-block;padding:.5rem 1rem .5rem 0;color:var(--soft)}
@media (max-width:46rem){header,footer{padding-left:1rem;padding-right:1rem}main{border-radius:0;border-width:1px 0;padding:1.25rem 1rem 1.5rem}}`

const TEXT = `h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem;overflow-wrap:anywhere}
h2{font-size:1.125rem;line-height:1.3;margin:2rem 0 .5rem}
p{margin:.75rem 0;overflow-wrap:anywhere}
a{color:var(--accent)}a:hover{color:var(--accent-hover)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:.25rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--tint);border-radius:.5rem;padding:.75rem 1rem;margin:1rem 0}
.soft{color:var(--soft)}
[role=alert]{border-left:.25rem solid var(--bad);padding-left:.75rem}
[role=status]{border-left:.25rem solid var(--accent);padding-left:.75rem}`

const FORMS = `label{display:block;margin:1rem 0 .375rem;font-weight:600}
input{font:inherit;color:inherit;background:var(--card);width:100%;min-height:2.75rem;padding:.5rem .75rem;border:1px solid var(--edge);border-radius:.5rem}
button,.button{font:inherit;font-weight:600;display:inline-block;min-height:2.75rem;padding:.625rem 1.5rem;border:0;border-radius:.5rem;
background:var(--accent);color:var(--on-accent);text-decoration:none;cursor:pointer}
button:hover,.button:hover{background:var(--accent-hover);color:var(--on-accent)}
form>button{margin-top:1.25rem}
button.danger,button.danger:hover{background:var(--bad);color:var(--on-bad)}
.actions{display:flex;flex-wrap:wrap;align-items:center;gap:.75rem 1.25rem;margin:1.5rem 0}
.actions>*{margin:0}
.search{display:flex;gap:.5rem}.search button{margin:0;flex:none}.search input{min-width:0}
@media (max-width:26rem){button,.button{padding-left:1.125rem;padding-right:1.125rem}}`

const LISTS = `dl{display:grid;grid-template-columns:max-content 1fr;gap:.5rem 1.5rem;margin:1.5rem 0 0;padding-top:1.25rem;border-top:1px solid var(--line)}
dt{color:var(--soft)}dd{margin:0;min-width:0;overflow-wrap:anywhere}
@media (max-width:26rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.625rem}}
ul.entries{list-style:none;margin:0;padding:0}
.entries li{border-top:1px solid var(--line)}
.entries a{display:block;padding:.625rem 0 0;overflow-wrap:anywhere}
.entries span{display:block;padding:.125rem 0 .625rem;color:var(--soft);font-size:.9375rem}
table{border-collapse:collapse;width:100%}
th,td{padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
th:first-child{text-align:left}thead th{color:var(--soft);font-weight:400}
tbody th{font-weight:400}tfoot th,tfoot td{border:0;font-weight:600}
.wide{overflow-x:auto;margin:.5rem 0 0}
nav.row{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin-top:1.5rem;padding-top:1rem;border-top:1px solid var(--line)}
nav.row a{padding:.375rem 0}`

export const STYLE = [COLOURS, LAYOUT, TEXT, FORMS, LISTS].join('\n')
