export const id=5827;export const ids=[5827];export const modules={65827:(t,e,n)=>{n.d(e,{headingLimits:()=>s});var i=n(20907),o=n(5711),a=n(87177);function s(t){let e=void 0!==t.withdrawn;return{existing:function({action:t,staged:e,build:n}){return e?.existing!==!0||"promote"===t?"":`

The release already exists: ${void 0===n?"nothing was built":"only `outputs` and `cache-to` were built"}.`}(t),isReleaseKept:function({tags:t},e=[]){let n=new Set(t.flatMap(({role:t,reference:e})=>"release"===t.kind?(0,i.X0)(e):[])),o=e.filter(({reference:t})=>n.has((0,i.X0)(t))).map(({outcome:t})=>t);return o.length>0&&o.every(t=>"kept"===t)}(t.plan,t.rows),suffix:e?", which is withdrawn":"",missing:function({unpublished:t=[]}){let e=t.map(t=>(0,o.aY)((0,i.Sh)(t)));return 0===e.length?"":`, but not at ${e.join(", ")}`}(t),lines:`${e?`

No floating tag is moved to it.`:""}${function({action:t,rows:e=[]}){let{kept:n,notCreated:i}=(0,a.XL)(e),o=e.some(({outcome:t})=>"new"===t||"moved"===t);if("promote"!==t||n+i===0||o)return"";let s=1===n?"1 tag was kept at the image that it points":`${n} tags were kept at the images that they point`,r=["No tag was moved",...0===n?[]:[`${s} to`],...0===i?[]:[1===i?"1 tag was not created":`${i} tags were not created`]];return`

${r.join("; ")}.`}(t)}`}}}};
