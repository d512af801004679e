export const id=4957;export const ids=[4957,3438];export const modules={33438:(e,t,o)=>{o.r(t),o.d(t,{dryHeading:()=>u,finalDryLine:()=>i,previewCell:()=>a,previewLines:()=>r});var n=o(87177);function r({action:e,preview:t=[]},o){let n=t.map(t=>({row:t,verb:`${"stage"===e?"a promote would":"would"} ${l(t)}`})),i=Math.max(0,...n.map(({verb:e})=>e.length));return n.map(({row:e,verb:t})=>`${t.padEnd(i)} ${o(e)}`)}function i(e,{name:t,reason:o}){let{plan:n,failure:r}=e;if(void 0!==r||void 0!==n.skip)return;let u=n.push.do?"":`: ${o}`;return`Dry run of ${t}: nothing was built or changed. A real run would ${d(e)}${u}`}function u(e,{name:t,reason:o}){let n=void 0===e.plan.skip?`A real run would ${d(e)} (${o}).`:`Nothing to publish: ${o}`;return`### Dry run${t}

Nothing was built or changed. ${n}`}function d(e){let{plan:t,preview:o,work:r}=e,i=function({action:e,plan:t,preview:o}){return t.push.do?"stage"===e?"push an untagged image":void 0===o?`publish ${(0,n.vJ)(t.tags.length)}`:[...Map.groupBy(o,l)].map(([e,{length:t}])=>`${e} ${(0,n.vJ)(t)}`).join(", "):"promote"===e?"promote nothing":"not push"}(e);if(!t.push.do||r?.sign===void 0)return i;let u=void 0===o||o.some(({outcome:e})=>"new"===e);return`${i}, and sign ${u?"the image":"what is not signed yet"}`}function a(e,t){let{outcome:o,before:n,after:r}=e,i=`would ${l(e)}`;return"moved"===o&&void 0!==n?`${i} from ${t(n)}`:"kept"===o&&void 0!==r?`${i} at ${t(r)}`:i}function l(e){return(0,n.K5)(e)?"not create":s[e.outcome]}let s={new:"create",moved:"move",unchanged:"not change",kept:"keep",failed:"refuse",restored:"restore"}},14957:(e,t,o)=>{o.d(t,{otherHeading:()=>a});var n=o(38814),r=o(5711),i=o(33438),u=o(12223),d=o(87177);function a(e,t,o){let{plan:a,dryRun:s,failure:$,action:p,words:g=u.U}=e,h=function({called:e,build:t,dryRun:o,plan:n,failure:i}){if(void 0===e||o||void 0!==n.skip)return;let u=void 0!==i&&"checks-failed"!==i.code;if("check"!==e)return`### ${u?"❌ No result":"Result"} of ${(0,r.aY)(`call: ${e}`)}`;if(u)return"### ❌ Not checked";let d=t?.record?.warnings.length??0;return`### Checked: ${0===d?"no warnings":1===d?"1 warning":`${d} warnings`}`}(e);if(void 0!==h)return h;let c=(0,r.CS)((0,n.P)(a.skip??a.push.reason)),f={name:t,reason:c};return s?void 0===$?(0,i.dryHeading)(e,f):`### ❌ Dry run${t}

${l}`:void 0!==$?(0,d.PG)(e)?`### ❌ ${g.partly}${t}${o}`:function({action:e,plan:t,build:o,failure:n,words:r=u.U},{name:i,reason:d}){return t.push.do?`### ❌ ${"stage"===e?"Not staged":r.not}${i}`:"promote"===e?`### ❌ Not promoted${i}

${d}`:void 0===o?`### ❌ Not built${i}

${d}`:`### ❌ Built${i}, ${n?.code==="test-failed"?"test failed":"then failed"}

${d}`}(e,f):void 0!==a.skip?`### Nothing to publish

${c}`:"promote"===p?`### Not promoted${t}

${c}`:`### ✅ Built${t}, not pushed

${c}`}let l="Nothing was built or changed. A real run would fail:"}};
