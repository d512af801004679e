export const id=4957;export const ids=[4957,3438];export const modules={33438:(e,t,n)=>{n.r(t),n.d(t,{dryHeading:()=>d,finalDryLine:()=>u,previewCell:()=>l,previewLines:()=>i});var o=n(20907),r=n(87177);function i({action:e,preview:t=[]},n){let u=t.map(t=>({row:t,verb:`${"stage"===e?"a promote would":"would"} ${$(t)}`})),d=Math.max(0,...u.map(({verb:e})=>e.length));return u.map(({row:e,verb:t})=>{let i=(0,r.K5)(e)?`${(0,o.X0)(e.reference)}: ${e.reason}`:n(e);return`${t.padEnd(d)} ${i}`})}function u(e,{name:t,reason:n}){let{plan:o,failure:r}=e;if(void 0!==r||void 0!==o.skip)return;let i=o.push.do?"":`: ${n}`;return`Dry run of ${t}: nothing was built or changed. A real run would ${a(e)}${i}`}function d(e,{name:t,reason:n}){let o=void 0===e.plan.skip?`A real run would ${a(e)} (${n}).`:`Nothing to publish: ${n}`;return`### Dry run${t}

Nothing was built or changed. ${o}`}function a(e){let{plan:t,preview:n,work:o}=e,i=function({action:e,plan:t,preview:n}){return t.push.do?"stage"===e?"push an untagged image":void 0===n?`publish ${(0,r.vJ)(t.tags.length)}`:[...Map.groupBy(n,$)].map(([e,{length:t}])=>`${e} ${(0,r.vJ)(t)}`).join(", "):"promote"===e?"promote nothing":"not push"}(e);if(!t.push.do||o?.sign===void 0)return i;let u=void 0===n||n.some(({outcome:e})=>"new"===e);return`${i}, and sign ${u?"the image":"what is not signed yet"}`}function l(e,t){let{outcome:n,before:o,after:r}=e,i=`would ${$(e)}`;return"moved"===n&&void 0!==o?`${i} from ${t(o)}`:"kept"===n&&void 0!==r?`${i} at ${t(r)}`:i}function $(e){return(0,r.K5)(e)?"not create":s[e.outcome]}let s={new:"create",moved:"move",unchanged:"not change",kept:"keep",failed:"refuse",restored:"restore"}},14957:(e,t,n)=>{n.d(t,{otherHeading:()=>a});var o=n(38814),r=n(5711),i=n(33438),u=n(12223),d=n(87177);function a(e,t,n){let{plan:a,dryRun:$,failure:s,action:p,words:g=u.U}=e,h=function({called:e,build:t,dryRun:n,plan:o,failure:i}){if(void 0===e||n||void 0!==o.skip)return;let u=void 0!==i&&"checks-failed"!==i.code;if("check"!==e)return`### ${u?"❌ No result":"Result"} of ${(0,r.aY)(`call: ${e}`)}`;if(u)return"### ❌ Not checked";let d=t?.record?.warnings.length??0;return`### Checked: ${0===d?"no warnings":1===d?"1 warning":`${d} warnings`}`}(e);if(void 0!==h)return h;let c=(0,r.CS)((0,o.P)(a.skip??a.push.reason)),f={name:t,reason:c};return $?void 0===s?(0,i.dryHeading)(e,f):`### ❌ Dry run${t}

${l}`:void 0!==s?(0,d.PG)(e)?`### ❌ ${g.partly}${t}${n}`:function({action:e,plan:t,build:n,failure:o,words:r=u.U},{name:i,reason:d}){return t.push.do?`### ❌ ${"stage"===e?"Not staged":r.not}${i}`:"promote"===e?`### ❌ Not promoted${i}

${d}`:void 0===n?`### ❌ Not built${i}

${d}`:`### ❌ Built${i}, ${o?.code==="test-failed"?"test failed":"then failed"}

${d}`}(e,f):void 0!==a.skip?`### Nothing to publish

${c}`:"promote"===p?`### Not promoted${t}

${c}`:`### ✅ Built${t}, not pushed

${c}`}let l="Nothing was built or changed. A real run would fail:"}};
