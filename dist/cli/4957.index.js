export const id=4957;export const ids=[4957];export const modules={14957:(t,e,o)=>{o.d(e,{otherHeading:()=>s});var i=o(38814),n=o(5711),r=o(33438),d=o(12223),l=o(87177);function s(t,e,o){let{plan:s,dryRun:$,failure:a,action:c,words:p=d.U}=t,h=function({called:t,build:e,dryRun:o,plan:i,failure:r}){if(void 0===t||o||void 0!==i.skip)return;let d=void 0!==r&&"checks-failed"!==r.code;if("check"!==t)return`### ${d?"❌ No result":"Result"} of ${(0,n.aY)(`call: ${t}`)}`;if(d)return"### ❌ Not checked";let l=e?.record?.warnings.length??0;return`### Checked: ${0===l?"no warnings":1===l?"1 warning":`${l} warnings`}`}(t);if(void 0!==h)return h;let f=(0,n.CS)((0,i.P)(s.skip??s.push.reason)),g={name:e,reason:f};return $?void 0===a?(0,r.dryHeading)(t,g):`### ❌ Dry run${e}

${u}`:void 0!==a?(0,l.PG)(t)?`### ❌ ${p.partly}${e}${o}`:function({action:t,plan:e,build:o,failure:i,words:n=d.U},{name:r,reason:l}){return e.push.do?`### ❌ ${"stage"===t?"Not staged":n.not}${r}`:"promote"===t?`### ❌ Not promoted${r}

${l}`:void 0===o?`### ❌ Not built${r}

${l}`:`### ❌ Built${r}, ${i?.code==="test-failed"?"test failed":"then failed"}

${l}`}(t,g):void 0!==s.skip?`### Nothing to publish

${f}`:"promote"===c?`### Not promoted${e}

${f}`:`### ✅ Built${e}, not pushed

${f}`}let u="Nothing was built or changed. A real run would fail:"}};
