export const id=5827;export const ids=[5827];export const modules={65827:(t,e,i)=>{i.d(e,{headingLimits:()=>a});var n=i(20907),o=i(5711);function a(t){let e=void 0!==t.withdrawn;return{existing:function({action:t,staged:e,build:i}){return e?.existing!==!0||"promote"===t?"":`

The release already exists: ${void 0===i?"nothing was built":"only `outputs` and `cache-to` were built"}.`}(t),isReleaseKept:function({tags:t},e=[]){let i=new Set(t.flatMap(({role:t,reference:e})=>"release"===t.kind?(0,n.X0)(e):[])),o=e.filter(({reference:t})=>i.has((0,n.X0)(t))).map(({outcome:t})=>t);return o.length>0&&o.every(t=>"kept"===t)}(t.plan,t.rows),suffix:e?", which is withdrawn":"",missing:function({unpublished:t=[]}){let e=t.map(t=>(0,o.aY)((0,n.Sh)(t)));return 0===e.length?"":`, but not at ${e.join(", ")}`}(t),lines:`${e?`

No floating tag is moved to it.`:""}${function({action:t,rows:e=[]}){let i=e.filter(({outcome:t})=>"kept"===t).length,n=e.some(({outcome:t})=>"new"===t||"moved"===t);return"promote"!==t||0===i||n?"":`

No tag was moved; ${1===i?"1 tag was kept at the image that it points":`${i} tags were kept at the images that they point`} to.`}(t)}`}}}};
